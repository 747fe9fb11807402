import type { Detection } from '../../../../common/tuning/detection.ts'
import { printAbout } from '../../../../common/tuning/print-size.ts'
import type { SaidMachine } from '../detected.ts'
import type { Findings } from './findings.ts'
import { kernelSection } from './kernel-section.ts'
import { loadSection } from './load-section.ts'
import { machineSections } from './machine-sections.ts'
import { ownerSection } from './owner-section.ts'
import { fact, section } from './section.ts'
import type { Section } from './section.ts'
import { serverSection } from './server-section.ts'
import { storageSection } from './storage-section.ts'
import { unusual } from './unusual.ts'

/** For a person: what the server is, what it runs on, what it does, and what is unusual about that. */
export function describeAll(found: Findings): Detection {
  const { told, server, owner, host, facts, inventory, disk, size, evidence, profile } = found
  return {
    sections: [
      ...serverSection(told, server, found.inRecovery, found.nowMs),
      ...ownerSection(owner, told),
      ...saidSection(found.said),
      ...(host === undefined || inventory === undefined ? [] : machineSections(host, facts, inventory, told)),
      ...storageSection(host, disk),
      ...kernelSection(facts),
      ...loadSection(told, server, size, { evidence, profile }),
    ],
    notes: [...unusual(found)],
  }
}

function saidSection({ memoryBytes, processors }: SaidMachine): readonly Section[] {
  return section('Machine, as it was said', [
    fact('memory', memoryBytes === null ? null : printAbout(memoryBytes), 'the request'),
    fact('processors', processors === null ? null : String(processors), 'the request'),
  ])
}
