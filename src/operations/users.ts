import { actOnUser } from '../../db/queries/actions.ts'
import { findEndpoint } from '../../db/queries/endpoints.ts'
import {
  listUsers as selectUsers,
  passwordPlace,
  updateUser as setUser,
  type UserChanges as StoredChanges,
  userIdsByAddress,
} from '../../db/queries/users.ts'
import { mailboxName, pairOf } from '../domain/access.ts'
import type { Batch } from '../domain/batch.ts'
import { checkLine, findProblems } from '../domain/field.ts'
import { type Problem, Refusal } from '../domain/refusal.ts'
import type { FolderCounts, ItemIssue, PairKey } from '../domain/sync-state.ts'
import type { User } from '../domain/user.ts'
import { type UserStatus, userStatusWords } from '../domain/user-status.ts'
import type { Context } from './context.ts'
import { getBatch, getEndpoint, getUser } from './find.ts'
import { readUserList } from './user-list.ts'
