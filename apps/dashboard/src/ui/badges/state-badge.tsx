import type { ComponentType, ReactNode } from 'react';
import classes from './state-badge.module.css';

export type Tone = 'good' | 'fair' | 'warn' | 'bad' | 'busy' | 'plain';

interface Props {
  tone: Tone;
  icon?: ComponentType<{ size?: number; 'aria-hidden'?: boolean }>;
  /** The meaning, which is shown on hover. */
  title?: string;
  children: ReactNode;
}

/** A state in one or two words. Never by colour alone. */
export function StateBadge({ tone, icon: Icon, title, children }: Props) {
  return (
    <span className={classes.badge} data-tone={tone} title={title}>
      {Icon !== undefined && <Icon size={14} aria-hidden />}
      {children}
    </span>
  );
}
