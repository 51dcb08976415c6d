/** How code below `cli` tells people something: one line, with fields for machines. */
export type ReportLevel = 'debug' | 'info' | 'warn' | 'error';
export type Report = (level: ReportLevel, message: string, fields?: Record<string, unknown>) => void;
