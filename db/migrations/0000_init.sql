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
	`failure_code` text,
	`failure_scope` text,
	`failure_message` text,
	CONSTRAINT "jobs_kind" CHECK("jobs"."kind" in ('sync-user', 'verify-user', 'remove-batch')),
	CONSTRAINT "jobs_status" CHECK("jobs"."status" in ('queued', 'running', 'completed', 'discarded', 'cancelled')),
	CONSTRAINT "jobs_pass" CHECK("jobs"."pass" in ('initial', 'incremental', 'final'))
);
--> statement-breakpoint
CREATE INDEX `jobs_queue` ON `jobs` ("priority" desc,`id`,`run_at`,`source_endpoint_id`,`target_endpoint_id`,`kind`,`pass`,`lock`) WHERE "jobs"."status" = 'queued';--> statement-breakpoint
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
	`passes` integer DEFAULT 0 NOT NULL,
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
