/** Three tickets of our own for the first visit: two plain ones, and one that no model should be sure about. */
export interface Example {
  readonly label: string;
  readonly title: string;
  readonly text: string;
}

export const examples: readonly Example[] = [
  {
    label: '夜间施工',
    title: '工地半夜打桩',
    text: '小区北门外的工地这一周每天凌晨一点多还在打桩，震得窗户直响，施工噪声让老人孩子都睡不着。找过物业，说管不了。希望派人到现场看看，让他们夜里停工。',
  },
  {
    label: '预付卡退费',
    title: '',
    text: '上个月在商场四楼的健身房办了年卡，付了 2680 元，昨天去发现大门锁着，贴的纸条说内部装修，客服电话一直没人接。我想知道这笔钱怎么退，有没有部门管。',
  },
  {
    label: '说不清的诉求',
    title: '请尽快回复',
    text: '之前反映过的那件事，说好会处理，到现在也没有人联系我，请尽快给个说法。',
  },
];
