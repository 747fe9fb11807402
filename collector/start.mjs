#!/usr/bin/env -S MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=32768 MALLOC_MMAP_MAX_=30000 MALLOC_TRIM_THRESHOLD_=131072 MALLOC_TOP_PAD_=65536 node --max-semi-space-size=4
// The collector from its bundle if that is fresh, which saves memory, else from its sources.
import { enableCompileCache } from 'node:module'
import { bundleFile, bundleIsFresh, compileCache } from './bundle.mjs'

const fresh = bundleIsFresh()
// What parsing the bundle takes stays behind as holes in malloc's arena (docs/decisions/0017). A directory that
// NODE_COMPILE_CACHE names goes first.
if (fresh) enableCompileCache(compileCache)
await import(fresh ? bundleFile() : './main.ts')
