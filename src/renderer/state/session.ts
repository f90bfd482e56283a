// What is open: the summary, how opening goes, and the changes by hand to roles and order.
import { create } from 'zustand';
import type { Point, Progress, RecentEntry, Role, SampleCard, SessionSummary } from '../../shared/contract.ts';
import { inPathOrder } from '../text/path-order.ts';
import { Identities } from './identities.ts';
import { useJourneys } from './journeys.ts';

interface SessionState {
  readonly summary: SessionSummary | null;
  /** Its points from the pod to the internet. */
  readonly points: readonly Point[];
  /** When the first packet of all points was captured. */
  readonly begin: string | null;
  readonly identities: Identities;
  /** Of the opening that is under way; `null` before its first report. */
  readonly opening: { readonly progress: Progress | null } | null;
  /** Why the last request failed. */
  readonly problem: string | null;
  readonly samples: readonly SampleCard[];
  readonly recent: readonly RecentEntry[];
  /** The first screen is shown over an open session. */
  readonly atStart: boolean;
  readonly start: () => Promise<void>;
  readonly showStart: () => void;
  readonly leaveStart: () => void;
  readonly open: (paths: readonly string[]) => Promise<void>;
  readonly openDialog: () => Promise<void>;
  readonly openSample: (name: string) => Promise<void>;
  readonly cancel: () => Promise<void>;
  readonly setRole: (point: string, role: Role) => Promise<void>;
  readonly setOrder: (points: readonly string[]) => Promise<void>;
  readonly undo: () => Promise<void>;
  readonly exportReport: (format: 'text' | 'json') => Promise<void>;
  readonly progressed: (progress: Progress | null) => void;
  readonly replaced: (summary: SessionSummary | null) => void;
  readonly dismissProblem: () => void;
}

export const useSession = create<SessionState>((set, get) => {
  /** A session other than before: nothing of the old one stays. */
  const show = (summary: SessionSummary): void => {
    const identities = new Identities();
    identities.learnSession(summary);
    set({ ...readingOf(summary, null), identities, opening: null, problem: null, atStart: false });
    useJourneys.getState().restart();
    void refreshRecent();
  };

  /** The same session, read differently: rows and selection are asked again. */
  const revise = (summary: SessionSummary, wished: readonly string[] | null): void => {
    const identities = new Identities();
    identities.learnSession(summary);
    set({ ...readingOf(summary, wished), identities, problem: null });
    useJourneys.getState().reload();
  };

  const opens = async (request: () => Promise<SessionSummary | null>): Promise<void> => {
    set({ problem: null });
    try {
      const summary = await request();
      if (summary === null) set({ opening: null });
      else show(summary);
    } catch (error) {
      set({ opening: null, problem: messageOf(error) });
    }
  };

  const revises = async (
    request: () => Promise<SessionSummary>,
    wished: readonly string[] | null = null,
  ): Promise<void> => {
    try {
      revise(await request(), wished);
    } catch (error) {
      set({ problem: messageOf(error) });
    }
  };

  const refreshRecent = async (): Promise<void> => {
    set({ recent: await window.snatscope.request('recent') });
  };

  return {
    summary: null,
    points: [],
    begin: null,
    identities: new Identities(),
    opening: null,
    problem: null,
    samples: [],
    recent: [],
    atStart: false,
    start: async () => {
      try {
        const [samples, recent, summary] = await Promise.all([
          window.snatscope.request('samples'),
          window.snatscope.request('recent'),
          window.snatscope.request('summary'),
        ]);
        set({ samples, recent });
        if (summary !== null) show(summary);
      } catch (error) {
        set({ problem: messageOf(error) });
      }
    },
    showStart: () => {
      set({ atStart: true });
    },
    leaveStart: () => {
      set({ atStart: false });
    },
    open: (paths) => {
      set({ opening: { progress: null } });
      return opens(() => window.snatscope.request('open', paths));
    },
    openDialog: () => opens(() => window.snatscope.request('openDialog')),
    openSample: (name) => {
      set({ opening: { progress: null } });
      return opens(() => window.snatscope.request('openSample', name));
    },
    cancel: async () => {
      await window.snatscope.request('cancel');
      set({ opening: null });
    },
    setRole: (point, role) => revises(() => window.snatscope.request('setRole', point, role)),
    setOrder: (points) => revises(() => window.snatscope.request('setOrder', points), points),
    undo: () => revises(() => window.snatscope.request('undo')),
    exportReport: async (format) => {
      try {
        await window.snatscope.request('exportReport', { format, filter: '', theme: 'light', picture: 'map' });
      } catch (error) {
        set({ problem: messageOf(error) });
      }
    },
    progressed: (progress) => {
      set({ opening: progress === null ? null : { progress } });
    },
    replaced: (summary) => {
      if (summary === null) set({ summary: null, opening: null });
      else if (summary !== get().summary) show(summary);
    },
    dismissProblem: () => {
      set({ problem: null });
    },
  };
});

function readingOf(
  summary: SessionSummary,
  wished: readonly string[] | null,
): Pick<SessionState, 'summary' | 'points' | 'begin'> {
  const firsts = summary.points.flatMap(({ first }) => (first === null ? [] : [first]));
  return { summary, points: inPathOrder(summary.points, summary.paths, wished), begin: firsts.sort()[0] ?? null };
}

/** Electron puts the channel before a message of the main process. */
function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/^Error invoking remote method '[^']*': (Error: )?/, '');
}
