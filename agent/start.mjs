#!/usr/bin/env -S node --max-semi-space-size=2 --no-opt --no-maglev --single-threaded --optimize-for-size --no-incremental-marking
// The agent from its bundle if that is fresh, which saves its host memory, else from its sources.
import { bundleFile, bundleIsFresh } from './bundle.mjs'

await import(bundleIsFresh() ? bundleFile() : './main.ts')
