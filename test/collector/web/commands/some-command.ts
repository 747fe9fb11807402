import type { CommandView } from '../../../../common/command/command-view.ts'
import type { CommandResult } from '../../../../common/command/result.ts'

/** A command that is done, with what differs. */
export function someCommand(change: Partial<CommandView> = {}): CommandView {
  return {
    id: '6f1c2f0e-26b5-4377-8450-0bc91d22f8f7',
    node: 'pg-main-1',
    server: 'pg-main-1',
    kind: 'vacuum',
    mode: 'run',
    args: {},
    operator: 'anna',
    reason: '',
    requestedBy: 'anna-token',
    keys: ['5f2b8c1d'],
    state: 'done',
    queuedMs: 1000,
    expiresMs: 61_000,
    deliveredMs: 1100,
    startedMs: 1200,
    finishedMs: 2000,
    progress: null,
    written: '',
    result: null,
    version: 1,
    ...change,
  }
}

/** A result that answers a value to programs. */
export function answering(facts: Record<string, unknown>): CommandResult {
  return {
    outcome: 'done',
    message: 'it is done',
    steps: [],
    output: [{ type: 'facts', title: '', facts }],
    startedMs: 1200,
    finishedMs: 2000,
    digest: '0'.repeat(64),
  }
}
