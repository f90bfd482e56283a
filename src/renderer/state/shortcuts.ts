// Keys that work everywhere in the window; those of a table or list are its own.
import { useEffect } from 'react';
import { focusFilter } from './host.ts';
import { useJourneys } from './journeys.ts';
import { useSession } from './session.ts';
import { TABS, useView } from './view.ts';

export const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['Ctrl O', 'Open captures'],
  ['/', 'Filter the journeys'],
  [`Alt 1 … ${TABS.length}`, TABS.map(([, title]) => title).join(', ')],
  ['↑ ↓', 'Previous, next journey or packet, in its table'],
  ['Page Up, Page Down, Home, End', 'Further in the table'],
  ['Enter', 'Ladder of the selected journey; of the chosen packet, its diff'],
  ['Shift ↑ ↓, Space, Ctrl A', 'Mark rows: further, this one, all'],
  ['Ctrl C', 'Copy the marked journeys as CSV'],
  ['← →', 'Fold, unfold a group'],
  ['Esc', 'Select nothing; in the filter: clear it'],
  ['[ ]', 'Previous, next packet in the packet diff'],
  ['+ − 0', 'On the ladder: stretch time, press it together, as it was'],
  ['T', 'On the ladder: times after the start, after the packet before, of day'],
  ['Alt ↑ ↓', 'Move a point on the path, on its card'],
  ['?', 'These keys'],
];

export function useShortcuts(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const command = event.ctrlKey || event.metaKey;
      if (command && event.key.toLowerCase() === 'o') {
        event.preventDefault();
        void useSession.getState().openDialog();
        return;
      }
      const tab = event.altKey ? TABS[Number(event.key) - 1]?.[0] : undefined;
      if (tab !== undefined) {
        event.preventDefault();
        useView.getState().showTab(tab);
        return;
      }
      if (command || event.altKey || isTyping(event.target)) return;
      if (event.key === '/') {
        event.preventDefault();
        focusFilter();
      } else if (event.key === '?') useView.getState().showKeys(true);
      else if (event.key === 'Escape') useJourneys.getState().select(null);
    };
    document.addEventListener('keydown', press);
    return () => {
      document.removeEventListener('keydown', press);
    };
  }, []);
}

/** Keys typed into a field, or answered by an open menu or dialog, are not the window's. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof Element && target.closest('input, select, textarea, [role="menu"], [role="dialog"]') !== null
  );
}
