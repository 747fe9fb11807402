#!/usr/bin/env -S MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=70000 MALLOC_TRIM_THRESHOLD_=131072 MALLOC_TOP_PAD_=65536 node --max-semi-space-size=4
// The collector from its bundle if that is fresh, which saves memory, else from its sources.
import { bundleFile, bundleIsFresh } from './bundle.mjs'

await import(bundleIsFresh() ? bundleFile() : './main.ts')
