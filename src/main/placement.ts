// Where the window was when it was closed, so that it comes back there: a small JSON file in the user's data folder.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Placement {
  /** Of the window when it is not maximized. */
  readonly bounds: Rectangle;
  readonly maximized: boolean;
}

/** Pixels of the window that must be on a screen for it to be found there. */
const IN_SIGHT = 100;

/** The kept placement; null where there is none, it is damaged, or it is on none of these screens any more. */
export function loadPlacement(file: string, screens: readonly Rectangle[]): Placement | null {
  let stored: unknown;
  try {
    stored = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
  return isPlacement(stored) && screens.some((screen) => inSight(stored.bounds, screen)) ? stored : null;
}

export function savePlacement(file: string, placement: Placement): void {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(placement));
  } catch (error) {
    console.error("The window's place could not be kept:", error);
  }
}

/** The top edge, which the window is moved by, counts: below the screen or above it is out of reach. */
function inSight(window: Rectangle, screen: Rectangle): boolean {
  const across = Math.min(window.x + window.width, screen.x + screen.width) - Math.max(window.x, screen.x);
  const below = window.y - screen.y;
  return across >= IN_SIGHT && below >= 0 && below <= screen.height - IN_SIGHT;
}

function isPlacement(value: unknown): value is Placement {
  if (typeof value !== 'object' || value === null) return false;
  const { bounds, maximized } = value as Record<string, unknown>;
  if (typeof maximized !== 'boolean' || typeof bounds !== 'object' || bounds === null) return false;
  const numbers = bounds as Record<string, unknown>;
  return ['x', 'y', 'width', 'height'].every((key) => Number.isInteger(numbers[key]));
}
