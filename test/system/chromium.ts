import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'

const executablePath = '/usr/bin/chromium'

/** Debian's Chromium; the tests that need it are reported as skipped where it is missing. */
export const hasChromium = existsSync(executablePath)

/** Without a sandbox because root has none, and without anything that would ask for a host other than ours. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
}
