/** Which key means what, and where. */
import { describe, expect, it } from 'vitest';
import { commandOf, type FocusPlace } from '../../src/web/keys.js';

const press = (key: string, place: FocusPlace = 'page', more: object = {}) =>
  commandOf({ key, ctrlKey: false, metaKey: false, altKey: false, isComposing: false, ...more }, place);

describe('the keys', () => {
  it('choose, move, accept and open', () => {
    expect(press('1')).toEqual({ kind: 'choose', index: 0 });
    expect(press('9')).toEqual({ kind: 'choose', index: 8 });
    expect(press('0')).toBeNull();
    // Caps lock is no reason to do nothing: the help prints capitals.
    expect(['C', 'E', 'N'].map((key) => press(key)?.kind)).toEqual(['copy', 'edit', 'clear']);
    expect(press('ArrowDown')).toEqual({ kind: 'move', by: 1 });
    expect(press('ArrowUp')).toEqual({ kind: 'move', by: -1 });
    expect(press('Enter')).toEqual({ kind: 'accept' });
    expect(['/', '、', '?', '？', 'c', 'e', 'n'].map((key) => press(key)?.kind)).toEqual([
      'search',
      'search',
      'help',
      'help',
      'copy',
      'edit',
      'clear',
    ]);
  });

  it('type where there is a text field, all but Esc and Ctrl+Enter', () => {
    for (const key of ['1', '/', '?', 'c', 'n', 'Enter', 'ArrowDown']) expect(press(key, 'field')).toBeNull();
    expect(press('Escape', 'field')).toEqual({ kind: 'escape' });
    expect(press('Enter', 'field', { ctrlKey: true })).toEqual({ kind: 'results' });
    expect(press('Enter', 'field', { metaKey: true })).toEqual({ kind: 'results' });
  });

  it('belong to the input method while it composes', () => {
    for (const key of ['Escape', 'Enter', '1', '/']) {
      expect(press(key, 'field', { isComposing: true })).toBeNull();
      expect(press(key, 'page', { isComposing: true })).toBeNull();
    }
  });

  it('leave the browser its own', () => {
    expect(press('c', 'page', { ctrlKey: true })).toBeNull();
    expect(press('1', 'page', { altKey: true })).toBeNull();
    expect(press('n', 'page', { metaKey: true })).toBeNull();
  });

  it('move in the tree and press a button where the focus is there', () => {
    for (const key of ['ArrowDown', 'ArrowUp', 'Enter']) expect(press(key, 'tree')).toBeNull();
    expect(press('Enter', 'control')).toBeNull();
    expect(press('2', 'tree')).toEqual({ kind: 'choose', index: 1 });
  });
});
