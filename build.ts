/**
 * `bun build.ts [TARGET]`: makes the one executable, with the database's native addon, the migrations and the pages'
 * assets inside. Without a target it is for this machine; any target can be built on any machine.
 */
import { copyFile, mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { $, type BunPlugin } from 'bun'
import lock from './package-lock.json' with { type: 'json' }

interface Target {
  readonly compile: Bun.Build.CompileTarget
  /** The package that holds the database's native addon. */
  readonly addon: string
}

const targets: Readonly<Record<string, Target>> = {
  'linux-x64': { compile: 'bun-linux-x64', addon: '@libsql/linux-x64-gnu' },
  'linux-arm64': { compile: 'bun-linux-arm64', addon: '@libsql/linux-arm64-gnu' },
  'linux-x64-musl': { compile: 'bun-linux-x64-musl', addon: '@libsql/linux-x64-musl' },
  'darwin-arm64': { compile: 'bun-darwin-arm64', addon: '@libsql/darwin-arm64' },
  'darwin-x64': { compile: 'bun-darwin-x64', addon: '@libsql/darwin-x64' },
  'windows-x64': { compile: 'bun-windows-x64', addon: '@libsql/win32-x64-msvc' },
}

const host = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`

async function build(name: string, outfile: string): Promise<void> {
  const target = targets[name] ?? fail(`Cannot build for "${name}": the targets are ${Object.keys(targets).join(', ')}`)
  const folder = await mkdtemp(join(tmpdir(), 'postferry-build-'))
  try {
    // The bundler leaves the source maps, which are inside as well, beside what it makes.
    const made = await bundle(target, await fetchAddon(target.addon, folder), join(folder, 'out', basename(outfile)))
    await mkdir(dirname(outfile), { recursive: true })
    await copyFile(made, outfile)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Gives the path of the executable, to which Windows wants a suffix. */
async function bundle({ compile }: Target, addon: string, outfile: string): Promise<string> {
  const { outputs } = await Bun.build({
    // The thread of the database is a program of its own inside the executable, beside the other, as the flat names say.
    entrypoints: [join(import.meta.dir, 'src/main.ts'), join(import.meta.dir, 'db/worker.ts')],
    naming: { entry: '[name].[ext]' },
    // The folder that the program is started in is its user's: no file there may change what it does.
    // Code is compiled further when it has run for longer than usual: what most calls run never pays that back.
    compile: { target: compile, outfile, autoloadDotenv: false, autoloadBunfig: false, jitPolicy: 30 },
    // A call loads the parts that its verb needs and no others, and none is parsed: that is most of what a short call costs.
    format: 'esm',
    splitting: true,
    bytecode: true,
    // Names stay whole, and the maps lead an error back to its line.
    minify: { whitespace: true, syntax: true },
    sourcemap: 'linked',
    define: { 'process.env.NODE_ENV': '"production"' },
    plugins: [literalAddon(addon)],
  })
  return outputs[0]?.path ?? fail(`Cannot build ${outfile}: the bundler wrote nothing`)
}

/** The addon as npm installed it for this machine, else out of the registry, as the lockfile has it. */
async function fetchAddon(name: string, folder: string): Promise<string> {
  const installed = join(import.meta.dir, 'node_modules', name, 'index.node')
  if (await Bun.file(installed).exists()) return installed
  const packages: Readonly<Record<string, { readonly version?: string; readonly integrity?: string }>> = lock.packages
  const locked = packages[`node_modules/${name}`] ?? fail(`Cannot fetch ${name}: the lockfile does not name it`)
  const [packed] = await $`npm pack ${name}@${locked.version} --json --silent --pack-destination ${folder}`.json()
  if (packed.integrity !== locked.integrity) fail(`Cannot use ${packed.id}: it is not what the lockfile names`)
  await $`tar -xzf ${join(folder, packed.filename)} -C ${folder}`
  return join(folder, 'package', 'index.node')
}

/** libsql picks its addon only at run time, but the bundler takes in what stands in the text: so it is made to stand there. */
function literalAddon(addon: string): BunPlugin {
  const choice = /function requireNative\(\) \{.*?\n\}/s
  return {
    name: 'literal-addon',
    setup(bundler) {
      bundler.onLoad({ filter: /node_modules[\\/]libsql[\\/]index\.js$/ }, async ({ path }) => {
        const text = await Bun.file(path).text()
        if (!choice.test(text)) fail(`Cannot take in the addon of the database: ${path} does not choose it as it did`)
        return { contents: text.replace(choice, `const requireNative = () => require(${JSON.stringify(addon)})`) }
      })
    },
  }
}

function fail(message: string): never {
  throw new Error(message)
}

const name = process.argv[2] ?? host
const suffix = name.startsWith('windows') ? '.exe' : ''
const outfile = join(
  import.meta.dir,
  'dist',
  process.argv[2] === undefined ? `postferry${suffix}` : `postferry-${name}${suffix}`,
)
await build(name, outfile)
console.log(`${relative(process.cwd(), outfile)}: ${Math.round((await stat(outfile)).size / 1e6)} MB`)
