/** Style sheets are imported for Vite, which fetches them with the code that needs them. */
declare module '*.css'
