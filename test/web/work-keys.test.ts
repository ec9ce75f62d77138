/** Which key means what in the workplace. */
import { describe, expect, it } from 'vitest';
import type { FocusPlace } from '../../src/web/keys.js';
import { workCommandOf, workKeyHelp } from '../../src/web/work-keys.js';

const press = (key: string, place: FocusPlace = 'page', more: object = {}) =>
  workCommandOf(
    {
      key,
      ctrlKey: false,
      metaKey: false,
      altKey: false,
      shiftKey: false,
      isComposing: false,
      repeat: false,
      ...more,
    },
    place,
  );

describe('the keys of the workplace', () => {
  it('choose, keep, skip, undo, note, pause, find and explain', () => {
    expect(press('1')).toEqual({ kind: 'choose', index: 0 });
    expect(press('9')).toEqual({ kind: 'choose', index: 8 });
    const kinds = ['0', 's', 'u', 'n', 'p', 't', 'c', '/', '、', '?', '？', 'Enter', 'Escape'].map(
      (key) => press(key)?.kind,
    );
    expect(kinds).toEqual([
      'keep-label',
      'skip',
      'undo',
      'note',
      'pause',
      'tree',
      'copy',
      'search',
      'search',
      'help',
      'help',
      'accept',
      'escape',
    ]);
    expect(press('U')).toEqual({ kind: 'undo' });
    expect(press('ArrowUp')).toEqual({ kind: 'move', by: -1 });
  });

  it('undo by Ctrl+Z too, but not in a field, whose own it is', () => {
    expect(press('z', 'page', { ctrlKey: true })).toEqual({ kind: 'undo' });
    expect(press('z', 'control', { metaKey: true })).toEqual({ kind: 'undo' });
    expect(press('z', 'field', { ctrlKey: true })).toBeNull();
    expect(press('Z', 'page', { ctrlKey: true, shiftKey: true })).toBeNull();
    expect(press('c', 'page', { ctrlKey: true })).toBeNull();
  });

  it('type in a field, all but Esc and Ctrl+Enter', () => {
    for (const key of ['1', '0', 's', 'u', '/', 'Enter', 'ArrowDown']) expect(press(key, 'field')).toBeNull();
    expect(press('Escape', 'field')).toEqual({ kind: 'escape' });
    expect(press('Enter', 'field', { ctrlKey: true })).toEqual({ kind: 'results' });
  });

  it('do nothing while they are held down or an input method is at work, but for the arrows', () => {
    for (const key of ['1', 's', 'u', 'Enter', '/']) expect(press(key, 'page', { repeat: true })).toBeNull();
    expect(press('z', 'page', { ctrlKey: true, repeat: true })).toBeNull();
    expect(press('ArrowDown', 'page', { repeat: true })).toEqual({ kind: 'move', by: 1 });
    for (const key of ['1', 'Enter', 'Escape']) expect(press(key, 'page', { isComposing: true })).toBeNull();
  });

  it('leave the tree its arrows and a button its Enter', () => {
    expect(press('ArrowDown', 'tree')).toBeNull();
    expect(press('Enter', 'tree')).toBeNull();
    expect(press('Enter', 'control')).toBeNull();
    expect(press('2', 'tree')).toEqual({ kind: 'choose', index: 1 });
  });

  it('are all in the help', () => {
    const explained = workKeyHelp.flatMap(([keys]) => keys);
    for (const key of ['1', '9', '0', 'Enter', '/', 'T', 'U', 'S', 'N', 'P', 'C', 'Esc', '?'])
      expect(explained).toContain(key);
  });
});
