import { readdirSync, readFileSync } from 'node:fs';

/** Ids of a process and all its descendants, parents first. Reads `/proc`, so Linux only. */
export function processTree(rootPid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = parentOf(name);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const tree = [rootPid];
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/**
 * Stops a whole process tree, as a closing lid does: nothing in it runs, its sockets stay open in the kernel.
 * The answer continues exactly the processes that were stopped.
 */
export function stopTree(rootPid: number): () => void {
  const stopped = new Set<number>();
  // A process may be born while its siblings are being stopped: repeat until nobody new is found.
  for (let grew = true; grew;) {
    grew = false;
    for (const pid of processTree(rootPid)) {
      if (stopped.has(pid)) continue;
      grew = true;
      stopped.add(pid);
      signal(pid, 'SIGSTOP');
    }
  }
  return () => {
    for (const pid of stopped) signal(pid, 'SIGCONT');
  };
}

/** Kills a whole process tree, children first. */
export function killTree(rootPid: number): void {
  for (const pid of processTree(rootPid).reverse()) signal(pid, 'SIGKILL');
}

function signal(pid: number, name: 'SIGSTOP' | 'SIGCONT' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended by itself in the meantime.
  }
}

function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command name, in brackets, may hold spaces: the fields that matter follow the last bracket.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}
