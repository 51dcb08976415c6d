import { execFileSync } from 'node:child_process';

/** Whether a program is there: it is asked for its version. */
export function isInstalled(command: string, versionFlag: string): boolean {
  try {
    execFileSync(command, [versionFlag], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
