import { CircleAlert, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Severity } from '../../shared/contract.ts';
import { Badge, type BadgeLook } from './badge.tsx';

const SEVERITY_NAME: Record<Severity, string> = { error: 'Error', warning: 'Warning', note: 'Note' };
const LOOK: Record<Severity, BadgeLook> = { error: 'bad', warning: 'warn', note: 'accent' };

/** How grave a finding is, by shape and by hue. */
export function SeverityMark({ severity, size = 14 }: { readonly severity: Severity; readonly size?: number }) {
  const told = { size, 'aria-label': SEVERITY_NAME[severity] };
  if (severity === 'error') return <CircleAlert {...told} />;
  return severity === 'warning' ? <TriangleAlert {...told} /> : <Info {...told} />;
}

interface SeverityBadgeProps {
  readonly severity: Severity;
  readonly title?: string;
  readonly children: ReactNode;
}

export function SeverityBadge({ severity, title = '', children }: SeverityBadgeProps) {
  return (
    <Badge look={LOOK[severity]} icon={<SeverityMark severity={severity} size={11} />} title={title}>
      {children}
    </Badge>
  );
}
