import { DropTarget } from './views/drop-target.tsx';
import { FirstScreen } from './views/first-screen.tsx';
import { KeysDialog } from './views/keys-dialog.tsx';
import { ProblemBar } from './views/problem-bar.tsx';
import { ProgressPanel } from './views/progress-panel.tsx';
import { Workbench } from './views/workbench.tsx';
import { useSession } from './state/session.ts';
import { useShortcuts } from './state/shortcuts.ts';
import { useTheme } from './state/theme.ts';
import { TooltipProvider } from './widgets/tooltip.tsx';

export function App() {
  const first = useSession((state) => state.summary === null || state.atStart);
  useTheme();
  useShortcuts();
  return (
    <TooltipProvider>
      <DropTarget>
        <ProblemBar />
        {first ? <FirstScreen /> : <Workbench />}
        <ProgressPanel />
        <KeysDialog />
      </DropTarget>
    </TooltipProvider>
  );
}
