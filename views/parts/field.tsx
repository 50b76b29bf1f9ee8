/** @jsxImportSource hono/jsx */
import type { Child, FC } from 'hono/jsx'

interface FieldProps {
  name: string
  label: string
  value?: string | number
  type?: 'text' | 'number' | 'password' | 'file'
  hint?: string
  isRequired?: boolean
  max?: number
  accept?: string
  placeholder?: string
}

/** One line of a form: what it is, where it is typed, and what helps to type it. */
export const Field: FC<FieldProps> = ({
  name,
  label,
  value,
  type = 'text',
  hint,
  isRequired,
  max,
  accept,
  placeholder,
}) => (
  <p class="field">
    <label for={name}>{label}</label>
    <input
      id={name}
      name={name}
      type={type}
      value={value}
      required={isRequired}
      accept={accept}
      placeholder={placeholder}
      aria-describedby={hint ? `${name}-hint` : undefined}
      autocomplete={type === 'password' ? 'new-password' : 'off'}
      spellcheck={false}
      {...(type === 'number' ? { min: 1, max } : { maxlength: max })}
    />
    <Hint of={name} text={hint} />
  </p>
)

export const Choice: FC<{
  name: string
  label: string
  options: readonly (readonly [value: string, words: string])[]
  value: string
  hint?: string
  /** An empty value is not a choice. */
  isRequired?: boolean
}> = ({ name, label, options, value, hint, isRequired }) => (
  <p class="field">
    <label for={name}>{label}</label>
    <select id={name} name={name} required={isRequired} aria-describedby={hint ? `${name}-hint` : undefined}>
      {options.map(([key, words]) => (
        <option value={key} selected={key === value}>
          {words}
        </option>
      ))}
    </select>
    <Hint of={name} text={hint} />
  </p>
)

export const TextArea: FC<{
  name: string
  label: string
  value?: string
  hint?: string
  rows?: number
  placeholder?: string
}> = ({ name, label, value = '', hint, rows = 6, placeholder }) => (
  <p class="field">
    <label for={name}>{label}</label>
    <textarea
      id={name}
      name={name}
      rows={rows}
      placeholder={placeholder}
      spellcheck={false}
      autocomplete="off"
      aria-describedby={hint ? `${name}-hint` : undefined}
    >
      {value}
    </textarea>
    <Hint of={name} text={hint} />
  </p>
)

export const Tick: FC<{ name: string; label: string; isOn?: boolean; hint?: string }> = ({
  name,
  label,
  isOn,
  hint,
}) => (
  <p class="field tick">
    <label>
      <input
        type="checkbox"
        name={name}
        value="on"
        checked={isOn}
        aria-describedby={hint ? `${name}-hint` : undefined}
      />
      {label}
    </label>
    <Hint of={name} text={hint} />
  </p>
)

/** Fields that belong together. */
export const Group: FC<{ title: string; hint?: string; children?: Child }> = ({ title, hint, children }) => (
  <fieldset>
    <legend>{title}</legend>
    {hint && <p class="hint">{hint}</p>}
    {children}
  </fieldset>
)

const Hint: FC<{ of: string; text?: string }> = ({ of, text }) =>
  text ? (
    <small id={`${of}-hint`} class="hint">
      {text}
    </small>
  ) : null
