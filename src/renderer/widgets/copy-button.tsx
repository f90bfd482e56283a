import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { Button } from './button.tsx';

interface CopyButtonProps {
  readonly text: string;
  readonly children: string;
}

export function CopyButton({ text, children }: CopyButtonProps) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await window.snatscope.request('copyText', text);
    setCopied(true);
    setTimeout(() => {
      setCopied(false);
    }, 1500);
  };
  return (
    <Button icon={copied ? <Check size={13} /> : <Copy size={13} />} title={text} onClick={() => void copy()}>
      {copied ? 'Copied' : children}
    </Button>
  );
}
