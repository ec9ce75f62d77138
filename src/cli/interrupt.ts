/** Ctrl-C and SIGTERM for commands that have something to finish or to tidy up. */

/** 128 + the signal's number, as shells report it. */
const exitCodes = { SIGINT: 130, SIGTERM: 143 } as const;
type StopSignal = keyof typeof exitCodes;

export interface Interrupt {
  /** Aborts at the first signal; `reason` is the signal's name. A second signal ends the process at once. */
  readonly signal: AbortSignal;
  /** What to exit with when the command broke off; undefined before a signal. */
  exitCode(): number | undefined;
  /** Hands the signals back to their default. */
  release(): void;
}

export function onInterrupt(): Interrupt {
  const controller = new AbortController();
  const handle = (signal: StopSignal) => {
    if (controller.signal.aborted) process.exit(exitCodes[signal]);
    controller.abort(signal);
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
  return {
    signal: controller.signal,
    exitCode: () =>
      controller.signal.aborted ? exitCodes[controller.signal.reason as StopSignal] : undefined,
    release() {
      process.off('SIGINT', handle);
      process.off('SIGTERM', handle);
    },
  };
}
