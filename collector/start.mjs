#!/usr/bin/env -S node --max-semi-space-size=8
// The collector from its bundle if that is fresh, which saves memory, else from its sources.
import { bundleFile, bundleIsFresh } from './bundle.mjs'

await import(bundleIsFresh() ? bundleFile() : './main.ts')
