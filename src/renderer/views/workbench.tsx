import type { ReactNode } from 'react';
import { Group, Panel, useDefaultLayout } from 'react-resizable-panels';
import { useSession } from '../state/session.ts';
import { TABS, useView, type TabId } from '../state/view.ts';
import { Splitter } from '../widgets/splitter.tsx';
import { Tabs, type Tab } from '../widgets/tabs.tsx';
import { useWidth } from '../widgets/use-width.ts';
import { Inspector } from './inspector.tsx';
import { JourneysView } from './journeys-view.tsx';
import { LadderView } from './ladder-view.tsx';
import { PacketDiffView } from './packet-diff-view.tsx';
import { PathMapView } from './path-map-view.tsx';
import { PointsPanel } from './points-panel.tsx';
import { StatusBar } from './status-bar.tsx';
import { TimelineView } from './timeline-view.tsx';
import { Toolbar } from './toolbar.tsx';
import styles from './workbench.module.css';

const CONTENT: Readonly<Record<TabId, ReactNode>> = {
  journeys: <JourneysView />,
  ladder: <LadderView />,
  diff: <PacketDiffView />,
  timeline: <TimelineView />,
};
const TAB_LIST: readonly Tab<TabId>[] = TABS.map(([id, title]) => ({ id, title, content: CONTENT[id] }));

/** Below this the inspector stands under the points, so that the tables keep their columns. */
const ROOM_FOR_THREE = 1240;

export function Workbench() {
  const [measured, width] = useWidth();
  const title = useSession((state) => state.summary?.title);
  return (
    <>
      <Toolbar />
      <main className={styles.body} ref={measured}>
        <h1 className="visually-hidden">{title}</h1>
        {width === 0 ? null : <Columns three={width >= ROOM_FOR_THREE} />}
      </main>
      <StatusBar />
    </>
  );
}

function Columns({ three }: { readonly three: boolean }) {
  const layout = useDefaultLayout({ id: three ? 'columns-wide' : 'columns-narrow', storage: localStorage });
  return (
    <Group orientation="horizontal" key={three ? 'wide' : 'narrow'} {...layout}>
      <Panel
        id="points"
        className={styles.side}
        defaultSize={three ? 256 : 236}
        minSize={210}
        maxSize="38%"
        groupResizeBehavior="preserve-pixel-size"
      >
        {three ? <PointsPanel /> : <PointsOverInspector />}
      </Panel>
      <Splitter label="Width of the points" />
      <Panel id="main" minSize={400} className={styles.main}>
        <PathMapView />
        <div className={styles.lower}>{three ? <TabsBesideInspector /> : <MainTabs />}</div>
      </Panel>
    </Group>
  );
}

function PointsOverInspector() {
  const layout = useDefaultLayout({ id: 'side-rows', storage: localStorage });
  return (
    <Group orientation="vertical" {...layout}>
      <Panel id="points-list" minSize={120} defaultSize="50%">
        <PointsPanel />
      </Panel>
      <Splitter label="Height of the inspector" />
      <Panel id="inspector" minSize={120}>
        <Inspector />
      </Panel>
    </Group>
  );
}

function TabsBesideInspector() {
  const layout = useDefaultLayout({ id: 'lower-columns', storage: localStorage });
  return (
    <Group orientation="horizontal" {...layout}>
      <Panel id="tabs" minSize={400}>
        <MainTabs />
      </Panel>
      <Splitter label="Width of the inspector" />
      <Panel id="inspector" defaultSize={312} minSize={250} maxSize="45%" groupResizeBehavior="preserve-pixel-size">
        <Inspector />
      </Panel>
    </Group>
  );
}

function MainTabs() {
  const tab = useView((state) => state.tab);
  const showTab = useView((state) => state.showTab);
  return <Tabs label="Views" tabs={TAB_LIST} current={tab} onChange={showTab} />;
}
