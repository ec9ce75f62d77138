/** Time: what a ticket took, how long it is held, and whose clock counts. */
import { describe, expect, it } from 'vitest';
import { leaseOf, leaseWords, shouldRenew } from '../../src/web/lease.js';
import { learnServerTime, serverNow } from '../../src/web/server-clock.js';
import { clockFace, Stopwatch } from '../../src/web/stopwatch.js';

const at = Date.parse('2026-11-24T08:00:00Z');
const claim = (left: number, mine = true) => ({
  agent: '小王',
  until: new Date(at + left).toISOString(),
  mine,
});

describe('a stopwatch', () => {
  it('leaves out what passes while it stands', () => {
    let now = 1000;
    const watch = new Stopwatch(() => now);
    now += 500;
    watch.pause();
    now += 60_000;
    watch.pause();
    expect(watch.milliseconds).toBe(500);
    watch.resume();
    watch.resume();
    now += 250.4;
    expect(watch.milliseconds).toBe(750);
    now += 100 * 86_400_000;
    expect(watch.milliseconds).toBe(86_400_000);
  });

  it('shows minutes, and hours where there are any', () => {
    expect([0, 999, 61_000, 754_000, 3_723_000, -5].map(clockFace)).toEqual([
      '0:00',
      '0:00',
      '1:01',
      '12:34',
      '1:02:03',
      '0:00',
    ]);
  });
});

describe('a claim', () => {
  it('is held, about to end, or over; never by a time that cannot be read, nor by another', () => {
    expect(leaseOf(claim(600_000), at)).toEqual({ kind: 'held', left: 600_000 });
    expect(leaseOf(claim(89_000), at)).toEqual({ kind: 'ending', left: 89_000 });
    expect(leaseOf(claim(0), at)).toEqual({ kind: 'ended' });
    expect(leaseOf(claim(600_000, false), at)).toEqual({ kind: 'ended' });
    expect(leaseOf({ ...claim(1), until: '明天' }, at)).toEqual({ kind: 'ended' });
    expect(leaseOf(null, at)).toEqual({ kind: 'ended' });
  });

  it('says so in words', () => {
    const words = [600_000, 89_000, -1].map((left) => leaseWords(leaseOf(claim(left), at)));
    expect(words).toEqual(['为你保留 10:00', '即将放回队列 1:29', '已放回队列']);
  });

  it('is held for longer only by who is at work, and in time', () => {
    const renew = (left: number, idle: number) => shouldRenew(leaseOf(claim(left), at), idle);
    expect(renew(170_000, 10_000)).toBe(true);
    expect(renew(300_000, 10_000)).toBe(false);
    expect(renew(170_000, 130_000)).toBe(false);
    expect(renew(-1, 0)).toBe(false);
  });
});

describe('the server’s clock', () => {
  it('counts, however wrong this computer’s is', () => {
    const slow = at - 3_600_000;
    learnServerTime('Tue, 24 Nov 2026 08:00:00 GMT', slow);
    expect(serverNow(slow)).toBe(at + 500);
    learnServerTime(null, at);
    learnServerTime('soon', at);
    expect(serverNow(slow)).toBe(at + 500);
    // The next second begins 200 ms later here: it was 800 ms past the first.
    learnServerTime('Tue, 24 Nov 2026 08:00:01 GMT', slow + 200);
    expect(serverNow(slow)).toBe(at + 900);
    // This computer's clock is set right.
    learnServerTime('Tue, 24 Nov 2026 08:00:02 GMT', at + 2000);
    expect(serverNow(at + 2000)).toBe(at + 2500);
  });
});
