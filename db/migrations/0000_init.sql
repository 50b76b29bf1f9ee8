CREATE TABLE `approvals` (
	`folder_id` integer NOT NULL,
	`source_uid` integer NOT NULL,
	`uid_validity` integer NOT NULL,
	`code` text NOT NULL,
	`messages` integer NOT NULL,
	`approved_by` text NOT NULL,
	`reason` text NOT NULL,
	`approved_at` integer NOT NULL,
	PRIMARY KEY(`folder_id`, `source_uid`, `uid_validity`, `code`),
	FOREIGN KEY (`folder_id`) REFERENCES `folders`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `saved_messages` (
	`user_id` integer NOT NULL,
	`folder_id` integer NOT NULL,
	`source_uid` integer NOT NULL,
	`uid_validity` integer NOT NULL,
	`size_bytes` integer NOT NULL,
	`saved_at` integer NOT NULL,
	PRIMARY KEY(`user_id`, `folder_id`, `source_uid`, `uid_validity`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `batches` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`status` text DEFAULT 'created' NOT NULL,
	`is_published` integer DEFAULT false NOT NULL,
	`source_endpoint_id` integer NOT NULL,
	`target_endpoint_id` integer NOT NULL,
	`priority` integer DEFAULT 0 NOT NULL,
	`incremental_every_ms` integer NOT NULL,
	`settings` text NOT NULL,
	`start_after` integer,
	`complete_after` integer,
	`due_at` integer GENERATED ALWAYS AS (nullif(min(
  coalesce(next_pass_at, 9e15),
  case when status = 'waiting' then coalesce(start_after, 9e15) else 9e15 end,
  case when status in ('synced', 'syncedWithErrors', 'incrementalSyncing')
    then coalesce(complete_after, iif(settings ->> 'autoComplete' and status <> 'incrementalSyncing', 0, 9e15)) else 9e15 end
), 9e15)) VIRTUAL,
	`total` integer DEFAULT 0 NOT NULL,
	`pending` integer DEFAULT 0 NOT NULL,
	`active` integer DEFAULT 0 NOT NULL,
	`synced` integer DEFAULT 0 NOT NULL,
	`completed` integer DEFAULT 0 NOT NULL,
	`failed` integer DEFAULT 0 NOT NULL,
	`stopped` integer DEFAULT 0 NOT NULL,
	`created_at` integer NOT NULL,
	`started_at` integer,
	`initial_synced_at` integer,
	`last_synced_at` integer,
	`completed_at` integer,
	`next_pass_at` integer,
	`unqueued` text,
	FOREIGN KEY (`source_endpoint_id`) REFERENCES `endpoints`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`target_endpoint_id`) REFERENCES `endpoints`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "batches_status" CHECK("batches"."status" in ('created', 'waiting', 'syncing', 'synced', 'syncedWithErrors', 'incrementalSyncing', 'completing', 'needsApproval', 'completed', 'completedWithErrors', 'stopping', 'stopped', 'failed', 'removing'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `batches_name` ON `batches` (lower("name"));--> statement-breakpoint
CREATE INDEX `batches_source` ON `batches` (`source_endpoint_id`);--> statement-breakpoint
CREATE INDEX `batches_target` ON `batches` (`target_endpoint_id`);--> statement-breakpoint
CREATE INDEX `batches_due` ON `batches` (`due_at`) WHERE due_at is not null;--> statement-breakpoint
CREATE TABLE `endpoint_days` (
	`endpoint_id` integer NOT NULL,
	`mailbox` text NOT NULL,
	`day` integer NOT NULL,
	`read` integer DEFAULT 0 NOT NULL,
	`written` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`endpoint_id`, `mailbox`, `day`),
	FOREIGN KEY (`endpoint_id`) REFERENCES `endpoints`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `endpoints` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`protocol` text DEFAULT 'imap' NOT NULL,
	`host` text NOT NULL,
	`port` integer NOT NULL,
	`security` text NOT NULL,
	`accepts_untrusted_certificates` integer NOT NULL,
	`ca` text,
	`login` text NOT NULL,
	`uses_authzid` integer NOT NULL,
	`admin_name` text,
	`admin_password` text,
	`is_home` integer DEFAULT false NOT NULL,
	`concurrent_migrations_max` integer NOT NULL,
	`concurrent_incremental_syncs_max` integer NOT NULL,
	`connections_max` integer NOT NULL,
	`literal_bytes_max` integer DEFAULT 268435456 NOT NULL,
	`bytes_per_second_max` integer,
	`messages_per_second_max` integer,
	`bytes_read_per_day_max` integer,
	`bytes_written_per_day_max` integer,
	`mailbox_bytes_read_per_day_max` integer,
	`mailbox_bytes_written_per_day_max` integer,
	`working_hours` text,
	`created_at` integer NOT NULL,
	CONSTRAINT "endpoints_security" CHECK("endpoints"."security" in ('none', 'ssl', 'tls'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `endpoints_name` ON `endpoints` (lower("name"));--> statement-breakpoint
CREATE UNIQUE INDEX `endpoints_home` ON `endpoints` (`is_home`) WHERE "endpoints"."is_home" = 1;--> statement-breakpoint
CREATE TABLE `guards` (
	`lease_is_held` integer,
	`condition_holds` integer,
	CONSTRAINT "lease_is_held" CHECK("guards"."lease_is_held" is null),
	CONSTRAINT "condition_holds" CHECK("guards"."condition_holds" is null)
);
--> statement-breakpoint
CREATE TABLE `jobs` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`kind` text NOT NULL,
	`user_id` integer,
	`batch_id` integer,
	`pass` text,
	`reads_data` integer DEFAULT false NOT NULL,
	`status` text DEFAULT 'queued' NOT NULL,
	`priority` integer DEFAULT 0 NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`run_at` integer NOT NULL,
	`token` integer DEFAULT 0 NOT NULL,
	`lease_until` integer,
	`source_endpoint_id` integer,
	`target_endpoint_id` integer,
	`lock` text,
	`lane` text GENERATED ALWAYS AS (case when kind = 'remove-batch' then '' else
  case when kind = 'sync-user' and pass <> 'incremental' then 'initial' else 'incremental' end
  || '/' || coalesce(source_endpoint_id, '') || '/' || coalesce(target_endpoint_id, '') end) VIRTUAL NOT NULL,
	`failure_code` text,
	`failure_scope` text,
	`failure_message` text,
	CONSTRAINT "jobs_kind" CHECK("jobs"."kind" in ('sync-user', 'verify-user', 'remove-batch')),
	CONSTRAINT "jobs_status" CHECK("jobs"."status" in ('queued', 'running', 'completed', 'discarded', 'cancelled')),
	CONSTRAINT "jobs_pass" CHECK("jobs"."pass" in ('initial', 'incremental', 'final'))
);
--> statement-breakpoint
CREATE INDEX `jobs_queue` ON `jobs` (`lane`,"priority" desc,`id`,`run_at`,`lock`) WHERE "jobs"."status" = 'queued';--> statement-breakpoint
CREATE INDEX `jobs_due` ON `jobs` (`run_at`) WHERE "jobs"."status" = 'queued';--> statement-breakpoint
CREATE INDEX `jobs_running` ON `jobs` (`lease_until`) WHERE "jobs"."status" = 'running';--> statement-breakpoint
CREATE UNIQUE INDEX `jobs_lock` ON `jobs` (`lock`) WHERE "jobs"."status" = 'running';--> statement-breakpoint
CREATE INDEX `jobs_user` ON `jobs` (`user_id`);--> statement-breakpoint
CREATE INDEX `jobs_batch` ON `jobs` (`batch_id`);--> statement-breakpoint
CREATE TABLE `folders` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`pair_id` integer NOT NULL,
	`source` text NOT NULL,
	`target` text NOT NULL,
	`cursor` text,
	`dirty_since` text,
	`target_seen` text,
	`suspect` text,
	`counts` text DEFAULT '{"source":0,"copied":0,"adopted":0,"excluded":0,"removed":0,"skipped":0,"failed":0,"gone":0}' NOT NULL,
	`size_bytes` integer DEFAULT 0 NOT NULL,
	`passes` integer DEFAULT 0 NOT NULL,
	`idle_passes` integer DEFAULT 0 NOT NULL,
	`confirmed_page_id` integer DEFAULT 0 NOT NULL,
	`packed_pages` integer DEFAULT 0 NOT NULL,
	FOREIGN KEY (`pair_id`) REFERENCES `pairs`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE INDEX `folders_pair` ON `folders` (`pair_id`);--> statement-breakpoint
CREATE TABLE `issues` (
	`folder_id` integer NOT NULL,
	`source_uid` integer NOT NULL,
	`issue` text NOT NULL,
	PRIMARY KEY(`folder_id`, `source_uid`),
	FOREIGN KEY (`folder_id`) REFERENCES `folders`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `ledger_pages` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`folder_id` integer NOT NULL,
	`records` integer NOT NULL,
	`vanished` integer NOT NULL,
	`uid_first` integer NOT NULL,
	`uid_last` integer NOT NULL,
	`page` blob NOT NULL,
	FOREIGN KEY (`folder_id`) REFERENCES `folders`(`id`) ON UPDATE no action ON DELETE cascade,
	CONSTRAINT "ledger_pages_uids" CHECK("ledger_pages"."uid_first" <= "ledger_pages"."uid_last")
);
--> statement-breakpoint
CREATE INDEX `ledger_pages_folder` ON `ledger_pages` (`folder_id`,`id`);--> statement-breakpoint
CREATE TABLE `pairs` (
	`id` integer PRIMARY KEY NOT NULL,
	`source` text NOT NULL,
	`target` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `pairs_source_target` ON `pairs` (`source`,`target`);--> statement-breakpoint
CREATE TABLE `traits` (
	`endpoint` text PRIMARY KEY NOT NULL,
	`tells_uids` integer,
	`rewrites` integer
);
--> statement-breakpoint
CREATE TABLE `users` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`batch_id` integer NOT NULL,
	`email_address` text NOT NULL,
	`source_user_name` text NOT NULL,
	`target_user_name` text NOT NULL,
	`user_root` text,
	`source_password` text,
	`target_password` text,
	`target_mailbox` text NOT NULL,
	`status` text DEFAULT 'created' NOT NULL,
	`error` text,
	`missing_target_folder` text DEFAULT 'hold' NOT NULL,
	`passes` integer DEFAULT 0 NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`last_synced_at` integer,
	`retry_at` integer,
	`source` integer DEFAULT 0 NOT NULL,
	`copied` integer DEFAULT 0 NOT NULL,
	`adopted` integer DEFAULT 0 NOT NULL,
	`excluded` integer DEFAULT 0 NOT NULL,
	`removed` integer DEFAULT 0 NOT NULL,
	`skipped` integer DEFAULT 0 NOT NULL,
	`failed` integer DEFAULT 0 NOT NULL,
	`gone` integer DEFAULT 0 NOT NULL,
	`items_total` integer DEFAULT 0 NOT NULL,
	`items_done` integer DEFAULT 0 NOT NULL,
	`bytes_total` integer DEFAULT 0 NOT NULL,
	`bytes_done` integer DEFAULT 0 NOT NULL,
	`copied_last_pass` integer DEFAULT 0 NOT NULL,
	`flags_changed_last_pass` integer DEFAULT 0 NOT NULL,
	`moved_last_pass` integer DEFAULT 0 NOT NULL,
	`pair_id` integer,
	`phase` text,
	`phase_since` integer DEFAULT 0 NOT NULL,
	`queued_ms` integer DEFAULT 0 NOT NULL,
	`in_progress_ms` integer DEFAULT 0 NOT NULL,
	`synced_ms` integer DEFAULT 0 NOT NULL,
	`stalled_ms` integer DEFAULT 0 NOT NULL,
	`started_at` integer,
	`initial_synced_at` integer,
	`start_after` integer,
	`complete_after` integer,
	`bad_item_limit` integer,
	`large_item_limit` integer,
	`consistency` integer,
	`issues` integer DEFAULT 0 NOT NULL,
	`unapproved` integer DEFAULT 0 NOT NULL,
	FOREIGN KEY (`batch_id`) REFERENCES `batches`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "users_status" CHECK("users"."status" in ('created', 'queued', 'validating', 'provisioning', 'syncing', 'synced', 'incrementalSyncing', 'incrementalFailed', 'incrementalStopped', 'completing', 'needsApproval', 'completionFailed', 'completed', 'stopping', 'stopped', 'failed'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `users_address` ON `users` (`batch_id`,lower("email_address"));--> statement-breakpoint
CREATE INDEX `users_status` ON `users` (`batch_id`,`status`,`id`);--> statement-breakpoint
CREATE INDEX `users_list` ON `users` (`batch_id`,`id`);--> statement-breakpoint
CREATE INDEX `users_consistency` ON `users` (`batch_id`,`consistency`);--> statement-breakpoint
CREATE INDEX `users_issues` ON `users` (`batch_id`,`id`) WHERE "users"."issues" > 0;--> statement-breakpoint
CREATE INDEX `users_complete_after` ON `users` (`complete_after`) WHERE "users"."complete_after" is not null;--> statement-breakpoint
CREATE INDEX `users_lookup` ON `users` (lower("email_address"));--> statement-breakpoint
CREATE TABLE `verifications` (
	`user_id` integer PRIMARY KEY NOT NULL,
	`reads_data` integer NOT NULL,
	`report` text,
	`error` text,
	`verified_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE cascade
);
