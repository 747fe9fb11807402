import { bundleOf } from '../common/bundle.mjs'

export const { bundleFile, bundleFiles, bundleIsFresh, bundleEnd } = bundleOf('agent')
