import { CircleAlert, X } from 'lucide-react';
import { useSession } from '../state/session.ts';
import { Button } from '../widgets/button.tsx';
import styles from './problem-bar.module.css';

/** Why the last request failed, until it is dismissed or another succeeds. */
export function ProblemBar() {
  const problem = useSession((state) => state.problem);
  const dismiss = useSession((state) => state.dismissProblem);
  if (problem === null) return null;
  return (
    <div className={styles.bar} role="alert" data-testid="problem">
      <CircleAlert size={16} />
      <p>{problem}</p>
      <Button look="quiet" icon={<X size={15} />} aria-label="Dismiss" onClick={dismiss} />
    </div>
  );
}
