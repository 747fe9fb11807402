#!/usr/bin/env -S MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=32768 MALLOC_MMAP_MAX_=30000 MALLOC_TRIM_THRESHOLD_=131072 MALLOC_TOP_PAD_=65536 node --max-semi-space-size=2 --no-opt --no-maglev --single-threaded --optimize-for-size --no-incremental-marking --heap-growing-percent=10
// The agent from its bundle if that is fresh, which saves its host memory, else from its sources.
import { bundleFile, bundleIsFresh } from './bundle.mjs'

await import(bundleIsFresh() ? bundleFile() : './main.ts')
