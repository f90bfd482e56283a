import type { ComponentProps, ReactNode } from 'react';
import styles from './button.module.css';

interface ButtonProps extends ComponentProps<'button'> {
  readonly look?: 'plain' | 'primary' | 'quiet';
  readonly icon?: ReactNode;
}

export function Button({ look = 'plain', icon, className, children, ...rest }: ButtonProps) {
  const only = children === undefined ? styles.iconOnly : '';
  return (
    <button type="button" className={`${styles.button} ${styles[look]} ${only} ${className ?? ''}`} {...rest}>
      {icon}
      {children}
    </button>
  );
}
