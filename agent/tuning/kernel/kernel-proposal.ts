import type { Proposal } from '../../../common/tuning/proposal.ts'

type Why = Pick<Proposal, 'reason' | 'risk' | 'effect'> &
  Partial<Pick<Proposal, 'evidence' | 'confidence' | 'needs' | 'statement'>>

/** A setting of the kernel that should be other, by its name for sysctl; the kernel has it. */
export function sysctlProposal(
  name: string,
  { current, proposed }: { readonly current: string; readonly proposed: string | number },
  why: Why,
): Proposal {
  return {
    evidence: `sysctl ${name}`,
    confidence: 'medium',
    needs: 'reload',
    ...why,
    parameter: name,
    current,
    proposed: String(proposed),
    rule: `kernel.${name.split('.').at(-1) ?? name}`,
  }
}

/** What is no setting of sysctl, with the command that changes it until the next boot. */
export function commandProposal(
  name: string,
  { current, proposed }: { readonly current: string; readonly proposed: string },
  why: Why & { readonly statement: string },
): Proposal {
  return {
    evidence: name,
    confidence: 'medium',
    needs: 'reload',
    ...why,
    parameter: name,
    current,
    proposed,
    rule: `kernel.${name.split('/').at(-1) ?? name}`,
  }
}
