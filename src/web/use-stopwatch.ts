/** A stopwatch for what is on the page: begins anew with it, and stands while the page is hidden. */
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Stopwatch } from './stopwatch.js';

export function useStopwatch(subject: unknown): RefObject<Stopwatch> & { current: Stopwatch } {
  const stopwatch = useRef(new Stopwatch());
  useEffect(() => {
    stopwatch.current = new Stopwatch();
    if (document.hidden) stopwatch.current.pause();
  }, [subject]);
  useEffect(() => {
    const turn = () => (document.hidden ? stopwatch.current.pause() : stopwatch.current.resume());
    document.addEventListener('visibilitychange', turn);
    return () => document.removeEventListener('visibilitychange', turn);
  }, []);
  return stopwatch;
}
