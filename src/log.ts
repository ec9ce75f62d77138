/**
 * The process's log: JSON lines on stderr, so that stdout stays the answer. Log what happened, never what
 * a ticket says: ids, counts, codes, milliseconds.
 */
import { pino } from 'pino';

/** Silent unless the CLI turns it on: libraries and tests stay quiet. */
export const log = pino({ level: 'silent', base: null }, pino.destination({ fd: 2, sync: true }));

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug';

/** Called once by the CLI, the only place that reads the environment. */
export function setLogLevel(level: LogLevel): void {
  log.level = level;
}
