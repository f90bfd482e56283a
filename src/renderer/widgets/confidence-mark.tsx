import { CircleDot, CircleHelp, ShieldCheck, SquareCheck, SquareMinus } from 'lucide-react';
import type { Confidence } from '../../shared/contract.ts';

const MARKS: Record<Confidence, React.ReactNode> = {
  exact: <ShieldCheck size={13} aria-hidden="true" />,
  strong: <SquareCheck size={13} aria-hidden="true" />,
  probable: <SquareMinus size={13} aria-hidden="true" />,
  ambiguous: <CircleHelp size={13} aria-hidden="true" />,
  single: <CircleDot size={13} aria-hidden="true" />,
};

export function ConfidenceMark({ confidence }: { readonly confidence: Confidence }) {
  return MARKS[confidence];
}
