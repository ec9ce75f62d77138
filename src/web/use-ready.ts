/** Model and tree of the server; asked again until it is ready. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import { ApiError, type Ready, readReady } from './api.js';
import { waitBefore } from './asker.js';
import { failureWords } from './wording.js';

export function useReady() {
  const [ready, setReady] = useState<Ready | null>(null);
  const [waiting, setWaiting] = useState<string | null>(null);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    let failures = 0;
    let stopped = false;
    const ask = () => {
      readReady().then(
        (answer) => {
          if (stopped) return;
          setReady(answer);
          setWaiting(null);
        },
        (error: unknown) => {
          if (stopped || !(error instanceof ApiError)) return;
          failures += 1;
          setWaiting(failureWords(error).title);
          timer = setTimeout(ask, (waitBefore(error, failures) ?? 30) * 1000);
        },
      );
    };
    ask();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, []);
  /** A new model or tree was promoted while the page was open. */
  const learn = useCallback((now: Ready) => {
    setReady((before) =>
      before?.taxonomy.digest === now.taxonomy.digest && before.model.version === now.model.version
        ? before
        : now,
    );
  }, []);
  return { ready, waiting, learn };
}
