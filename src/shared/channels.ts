// Names of the IPC channels that carry the contract: one a request, one an event, and one for the paths of dropped files.
import type { Events, RequestName } from './contract.ts';

/** What a request comes back with: an error crosses as plain text, so that nothing is put before its message. */
export type Reply<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

export const requestChannel = (name: RequestName): string => `request:${name}`;
export const eventChannel = (name: keyof Events): string => `event:${name}`;

/** From the preload: the user gave the window these files, so it may ask to open them. */
export const DROPPED_CHANNEL = 'dropped';
