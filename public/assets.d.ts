// What sits in public is imported as text, so that it travels inside the executable.
declare module '*/public/app.css' {
  const text: string
  export default text
}
declare module '*/public/icon.svg' {
  const text: string
  export default text
}
declare module '*/public/app.js' {
  const text: string
  export default text
}
declare module '*/public/htmx.min.js' {
  const text: string
  export default text
}
declare module '*/public/htmx-sse.min.js' {
  const text: string
  export default text
}
declare module '*/public/htmx-ptag.min.js' {
  const text: string
  export default text
}
