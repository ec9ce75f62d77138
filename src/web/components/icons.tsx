/** Small line icons in the colour of the text around them; words beside them carry the meaning. */

const shapes = {
  check: 'M3.5 8.5 6.5 11.5 12.5 4.5',
  fall: 'M4 3v5.5a2 2 0 0 0 2 2h6.5M9.8 7.8l2.7 2.7-2.7 2.7',
  search: 'M7 11.5a4.5 4.5 0 1 1 0-9 4.5 4.5 0 0 1 0 9ZM10.3 10.3 13.5 13.5',
  close: 'M4 4l8 8M12 4l-8 8',
  chevron: 'M6 3.5 10.5 8 6 12.5',
  copy: 'M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8Z',
  filter: 'M2 3.5h12M4.5 8h7M6.5 12.5h3',
  warning: 'M8 2.2 14.4 13.5H1.6ZM8 6.5v3.2M8 11.4v.6',
  tree: 'M2.5 3h5M5 3v9.5h3.5M5 8h3.5M8.5 8h5M8.5 12.5h5',
} as const;

export function Icon({ name }: { name: keyof typeof shapes }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={shapes[name]} />
    </svg>
  );
}
