'use client';

export { AuthSocketTimeline } from './AuthSocketTimeline';
export type { AuthSocketTimelineProps } from './AuthSocketTimeline';
