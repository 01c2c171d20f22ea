export interface paths {
    "/api/connect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Connect to a database
         * @description Logs in, saves the details to config.ini and starts the scheduler. A failure changes nothing.
         */
        post: operations["ConnectionController_connect"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/disconnect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Disconnect from the current database
         * @description Stops the scheduler as well. The details stay in config.ini.
         */
        post: operations["ConnectionController_disconnect"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Connection and scheduler status */
        get: operations["ConnectionController_status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the connections */
        get: operations["ConnectionsController_list"];
        put?: never;
        /**
         * Add a connection
         * @description Logs in first, and saves nothing when that fails. POST /api/connect does the same and activates it.
         */
        post: operations["ConnectionsController_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/discover": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * List the databases of a server, those without a backup first, and add them
         * @description With the login of a connection, or with another one. Nothing is added unless `add` says so.
         */
        post: operations["ConnectionsController_discover"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One connection */
        get: operations["ConnectionsController_details"];
        put?: never;
        post?: never;
        /**
         * Delete a connection and its schedules
         * @description Its backups stay, unless `delete_backups` and the name of the database in `confirm` say that they go, too.
         */
        delete: operations["ConnectionsController_delete"];
        options?: never;
        head?: never;
        /**
         * Change a connection
         * @description Absent fields stay as they are. Logs in first when a part of the login is given, and changes all or nothing.
         */
        patch: operations["ConnectionsController_change"];
        trace?: never;
    };
    "/api/connections/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Log in with the stored login */
        post: operations["ConnectionsController_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/activate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make it the active connection
         * @description As POST /api/connect does: logs in, saves the details to config.ini and starts the scheduler.
         */
        post: operations["ConnectionsController_activate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backup": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create a backup of the connected database
         * @description Answers when the backup is complete and on disk, and the retention has been applied.
         */
        post: operations["BackupController_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the backups of a folder, newest first
         * @description All of them at once. `/api/catalog/backups` lists by page, with filters.
         */
        get: operations["BackupController_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backups/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One backup, with its whole manifest */
        get: operations["BackupController_details"];
        put?: never;
        post?: never;
        /**
         * Delete a backup, and its manifest
         * @description Deletes it permanently. Refuses pinned backups and files that this service did not write.
         */
        delete: operations["BackupController_delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backups/{id}/pin": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Pin a backup, so that no retention deletes it, or unpin it */
        post: operations["BackupController_pin"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backups/{id}/adopt": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Adopt a backup that has a foreign manifest
         * @description For a backup that is listed as `foreign` because its manifest is unsigned, altered or signed by another installation. The file is read and compared with the manifest, which is then signed. Do it only for files whose origin you know, because a restore trusts an adopted backup.
         */
        post: operations["BackupController_adopt"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backups/{id}/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Verify a backup: read it back, or restore it into a verification server
         * @description Compares size and SHA-256 with what was written. With `restored` it then loads the backup into a verification server and compares the data. A failure marks the backup as damaged; it does not count any more.
         */
        post: operations["BackupController_verify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backups/{id}/download": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The file of a backup, as it is stored
         * @description Returns the whole file or one range of it. A caller that accepts only JSON gets the answer of `GET /api/backups/{id}` instead.
         */
        get: operations["BackupDownloadController_download"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backups/{id}/globals/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create the roles that a backup refers to and that the server does not have
         * @description PostgreSQL only. Runs the script that is stored with the backup (`BACKUP_GLOBALS`): attributes, settings, comments and memberships, all or none. Existing roles stay as they are. With `dry_run` nothing is changed.
         */
        post: operations["BackupGlobalsController_restore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/catalog/backups": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List backups by page, newest first
         * @description Lists what `/api/backups` lists, with what only the catalog knows, at a cost that does not grow with their number.
         */
        get: operations["CatalogController_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/catalog/rebuild": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Rebuild the catalog from storage
         * @description Reads every manifest again, and restores what the newest copy of the catalog has and the catalog does not have: connections, schedules, pins. Changes no backup. Passes over a copy that this installation has not signed, and says so in `warnings`.
         */
        post: operations["CatalogController_rebuild"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/storages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the storages */
        get: operations["StoragesController_list"];
        put?: never;
        /**
         * Add a storage
         * @description Tests it first, and saves nothing when that fails. Backups that it holds are listed soon afterwards.
         */
        post: operations["StoragesController_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/storages/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One storage */
        get: operations["StoragesController_details"];
        put?: never;
        post?: never;
        /**
         * Take a storage from the list
         * @description Its backups stay where they are, and can be listed again by adding the storage again.
         */
        delete: operations["StoragesController_delete"];
        options?: never;
        head?: never;
        /**
         * Change a storage
         * @description Absent fields stay as they are. Tests it first when a setting is given, and changes all or nothing.
         */
        patch: operations["StoragesController_change"];
        trace?: never;
    };
    "/api/storages/{id}/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Write, read, list and delete a small object
         * @description An error tells the step that failed, and why.
         */
        post: operations["StoragesController_test"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/restore": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Restore a backup file
         * @description Checks the whole file first, loads it into a staging database, compares, and swaps it in. A failure leaves the database as it was. With `dry_run` nothing is changed, and the answer, always at once, has `plan`.
         */
        post: operations["RestoresController_restore"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/restores": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the restores, newest first, with what is kept to undo them
         * @description An undo is listed as a restore, too: `kind` tells which it is.
         */
        get: operations["RestoresController_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/restores/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One restore */
        get: operations["RestoresController_details"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/restores/{id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Undo a restore
         * @description The previous database takes its place again, and the present one is kept in turn, so an undo can be undone, too. What was written since the restore is in the database that is kept.
         */
        post: operations["RestoresController_undo"];
        /** Give up the undo of a restore to free its space */
        delete: operations["RestoresController_drop"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/scheduler/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Start the backup scheduler */
        post: operations["SchedulerController_start"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/scheduler/stop": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Stop the backup scheduler */
        post: operations["SchedulerController_stop"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/scheduler/status": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Scheduler status and next backup time */
        get: operations["SchedulerController_status"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/backup/force": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Run the scheduled backup immediately */
        post: operations["SchedulerController_force"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/schedules": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the schedules, by page */
        get: operations["SchedulesController_list"];
        put?: never;
        /** Add a schedule */
        post: operations["SchedulesController_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/schedules/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Tell when a schedule would be due, without adding it */
        post: operations["SchedulesController_preview"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/schedules/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One schedule */
        get: operations["SchedulesController_get"];
        put?: never;
        post?: never;
        /**
         * Delete a schedule
         * @description Its backups stay. Afterwards only a retention that is applied by hand removes them.
         */
        delete: operations["SchedulesController_remove"];
        options?: never;
        head?: never;
        /**
         * Change, pause or resume a schedule
         * @description Runs that fell into a pause are not made up. Another time or zone counts from now on.
         */
        patch: operations["SchedulesController_change"];
        trace?: never;
    };
    "/api/schedules/{id}/run": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Run a schedule now
         * @description Answers at once with the job. A paused schedule runs, too.
         */
        post: operations["SchedulesController_run"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/retention/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tell which backups of a connection its retention keeps
         * @description Deletes nothing. With rules in the query: what they would keep in place of the ones in force.
         */
        get: operations["RetentionController_ofConnection"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/schedules/{id}/retention/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Tell which backups of a schedule its retention keeps
         * @description Deletes nothing. With rules in the query: what they would keep in place of the ones in force.
         */
        get: operations["RetentionController_ofSchedule"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/connections/{id}/retention/apply": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Apply the retention of a connection now
         * @description Deletes what the preview says. Otherwise this happens with each new backup only.
         */
        post: operations["RetentionController_applyToConnection"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/schedules/{id}/retention/apply": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Apply the retention of a schedule now
         * @description Deletes what the preview says. Otherwise this happens with each new backup only.
         */
        post: operations["RetentionController_applyToSchedule"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List database users */
        get: operations["UsersController_list"];
        put?: never;
        /** Create, modify, or delete a database user */
        post: operations["UsersController_perform"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/config": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get current configuration */
        get: operations["ConfigController_read"];
        put?: never;
        /**
         * Save configuration
         * @description The active connection stays as it is until the next connect or restart. Tools are run once to check.
         */
        post: operations["ConfigController_save"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tools/detect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Auto-detect database tools
         * @description Looks in PATH and in the usual places of the system, and changes nothing.
         */
        post: operations["ConfigController_detect"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List the jobs, newest first */
        get: operations["JobsController_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One job as it is now, with its log */
        get: operations["JobsController_details"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a job
         * @description A waiting job is cancelled at once. The programs of a running job are ended, and what it has begun is undone. Answers when it has ended, or after 10 seconds with its present state.
         */
        post: operations["JobsController_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Watch changes as server-sent events
         * @description The answer does not end. It has an event for each change of a job, backup, connection, schedule or of the status. A client that reconnects with the id of its last event gets what it missed, or `reset` if that is not kept any more.
         */
        get: operations["EventsController_watch"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/audit": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Who changed what, newest first
         * @description Every call that changes something, refused ones too. Kept for a year.
         */
        get: operations["AuditController_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/health/live": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether the process answers */
        get: operations["HealthController_live"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Whether a backup could be written */
        get: operations["HealthController_ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/overview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * How well each database is protected
         * @description For each database, however many connections reach it: whether it could be restored now, is scheduled or overdue, its storage and the last failure; and the verdict as a colour and a sentence, for each database and for all together.
         */
        get: operations["OverviewController_databases"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/settings": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The settings of the operator, as they are in effect
         * @description They come from the environment and change with a restart. /api/config has the settings that can be changed at run time.
         */
        get: operations["SettingsController_inEffect"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/settings/storage/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Accept what is mounted at a backup folder as its storage
         * @description For a storage that was replaced on purpose. If a storage is only not mounted, mount it again instead: after another folder is accepted in its place, the catalog forgets its backups at the next look. A storage below a backup folder that does not exist any more is forgotten.
         */
        post: operations["SettingsController_accept"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        FieldError: {
            /**
             * @description The field as it was sent.
             * @example port
             */
            field: string;
            /** @example must be a number from 1 to 65535 */
            message: string;
        };
        ErrorResponse: {
            /** @enum {boolean} */
            success: false;
            /** @description What happened, in a sentence for people. */
            message: string;
            /**
             * @description What happened, for programs. Codes keep their meaning.
             * @example INVALID_INPUT
             */
            code: string;
            /** @description What to do next. */
            hint?: string;
            /** @description All invalid fields of the request. */
            errors?: components["schemas"]["FieldError"][];
        };
        ConnectRequest: {
            /**
             * @description Upper or lower case. MariaDB servers are `MySQL`.
             * @example PostgreSQL
             * @enum {string}
             */
            db_type: "PostgreSQL" | "MySQL";
            /** @example localhost */
            host: string;
            /** @example 5432 */
            port: string | number;
            /** @example mydb */
            database: string;
            /** @example user */
            username: string;
            /**
             * @description Empty for an account without one.
             * @example password
             */
            password: string;
            /**
             * @description Default: the mode in which this login was last used, else `prefer`, which uses TLS where the server offers it. `verify-full` also checks the certificate and the host name.
             * @example prefer
             * @enum {string}
             */
            ssl_mode?: "disable" | "prefer" | "require" | "verify-full";
            /**
             * @description For a database that another connection reaches by another host name or as another user. true: that connection gets this login in place of its own, and keeps its backups and schedules. Otherwise there are two, and a warning.
             * @example true
             */
            replace?: boolean;
        };
        ConnectResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example Connection successful. */
            message: string;
            /**
             * @description The databases without a schedule. Absent when every database has one.
             * @example [
             *       "No backup of \"shop on localhost\" is scheduled: the scheduler is stopped."
             *     ]
             */
            warnings?: string[];
            /** @description Ids of the connections that reach the same database by another login. Absent when there are none. */
            same_database?: string[];
        };
        DisconnectResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example Logged out successfully. */
            message: string;
        };
        StatusResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example true */
            connected: boolean;
            /**
             * @example PostgreSQL
             * @enum {string|null}
             */
            db_type: "PostgreSQL" | "MySQL" | null;
            /** @example mydb */
            database: string | null;
            /** @example true */
            scheduler_running: boolean;
            /**
             * @description In `timezone`.
             * @example 2023-12-23 00:00:00
             */
            next_backup: string | null;
            /**
             * Format: date-time
             * @description `next_backup` as an instant.
             * @example 2023-12-22T23:00:00.000Z
             */
            next_backup_at: string | null;
            /**
             * @description The time zone of the default schedule, see BACKUP_TIMEZONE.
             * @example Europe/Berlin
             */
            timezone: string;
            /** @example localhost */
            host: string | null;
            /** @example 5432 */
            port: number | null;
            /** @example user */
            username: string | null;
            /**
             * @example PostgreSQL
             * @enum {string|null}
             */
            flavour: "PostgreSQL" | "MariaDB" | "MySQL" | null;
            /** @example 15.20 */
            server_version: string | null;
            /**
             * @description Why the connection of the last run is not restored yet; the service keeps trying.
             * @example null
             */
            last_error: string | null;
        };
        RetentionPolicyBody: {
            /**
             * @description The newest so many.
             * @example 3
             */
            keep_last?: number | null;
            /** @description Everything younger than so many days. */
            days?: number | null;
            /** @description The newest of each of the last so many hours that have a backup. */
            hourly?: number | null;
            /**
             * @description The newest of each of the last so many days that have a backup.
             * @example 7
             */
            daily?: number | null;
            /**
             * @description The newest of each of the last so many ISO weeks that have a backup.
             * @example 4
             */
            weekly?: number | null;
            /**
             * @description The newest of each of the last so many months that have a backup.
             * @example 12
             */
            monthly?: number | null;
            /** @description The newest of each of the last so many years that have a backup. */
            yearly?: number | null;
            /** @description Bytes. Removes the oldest of the backups that the other rules keep until the rest fits. */
            max_bytes?: number | null;
        };
        ConnectionEntry: {
            /** @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52 */
            id: string;
            /** @example Shop, production */
            label: string | null;
            /**
             * @description The label, or the database and host if there is none.
             * @example Shop, production
             */
            name: string;
            /**
             * @example PostgreSQL
             * @enum {string}
             */
            db_type: "PostgreSQL" | "MySQL";
            /** @example localhost */
            host: string;
            /** @example 5432 */
            port: number;
            /** @example mydb */
            database: string;
            /** @example user */
            username: string;
            /**
             * @example prefer
             * @enum {string}
             */
            ssl_mode: "disable" | "prefer" | "require" | "verify-ca" | "verify-full";
            /**
             * @description PEM.
             * @example null
             */
            ssl_ca: string | null;
            /**
             * @description PEM.
             * @example null
             */
            ssl_certificate: string | null;
            /**
             * @description Whether there is a private key. It is never shown.
             * @example false
             */
            has_ssl_key: boolean;
            /**
             * @description Whether the calls without a connection_id act on it.
             * @example true
             */
            active: boolean;
            /** @description What is kept of its backups; null: BACKUP_RETENTION_COUNT. Schedules can have their own. */
            retention: components["schemas"]["RetentionPolicyBody"] | null;
            /**
             * Format: date-time
             * @example 2026-01-02T03:04:05.678Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2026-01-02T03:04:05.678Z
             */
            updated_at: string;
        };
        ConnectionsResponse: {
            /** @enum {boolean} */
            success: true;
            /** @description The `after` of the next call; null on the last page. */
            next: string | null;
            /** @description In the order in which they were made. */
            connections: components["schemas"]["ConnectionEntry"][];
        };
        ConnectionCreateRequest: {
            /**
             * @description Upper or lower case. MariaDB servers are `MySQL`.
             * @example PostgreSQL
             * @enum {string}
             */
            db_type: "PostgreSQL" | "MySQL";
            /** @example localhost */
            host: string;
            /** @example 5432 */
            port: string | number;
            /** @example mydb */
            database: string;
            /** @example user */
            username: string;
            /**
             * @description Empty for an account without one.
             * @example password
             */
            password: string;
            /** @description PEM. What the server’s certificate is checked against; default: the system’s list. */
            ssl_ca?: string | null;
            /** @description PEM. The client certificate, with ssl_key. */
            ssl_certificate?: string | null;
            /** @description PEM. The private key of ssl_certificate. It is kept sealed and never shown. */
            ssl_key?: string | null;
            /**
             * @description libpq’s names. `prefer` (default) uses TLS where the server offers it; `verify-ca` checks who issued the server’s certificate, `verify-full` its name as well; `require` with ssl_ca is `verify-ca`.
             * @example prefer
             * @enum {string}
             */
            ssl_mode?: "disable" | "prefer" | "require" | "verify-ca" | "verify-full";
            /**
             * @description A name for people. Without one the connection is called by its database and host.
             * @example Shop, production
             */
            label?: string | null;
            /** @description What is kept of its backups; null: BACKUP_RETENTION_COUNT. Schedules can have their own. */
            retention?: components["schemas"]["RetentionPolicyBody"] | null;
            /**
             * @description Default: true, a login that the server does not accept is not saved.
             * @example true
             */
            test?: boolean;
            /**
             * @description For a database that another connection reaches by another host name or as another user. true: that connection gets this login in place of its own, and keeps its backups and schedules. false: another one is added. Default: it is refused with CONNECTION_EXISTS.
             * @example true
             */
            replace?: boolean;
        };
        ConnectionSavedResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example Connection created. */
            message: string;
            /**
             * @description The databases without a schedule. Absent when every database has one.
             * @example [
             *       "No backup of \"shop on localhost\" is scheduled: the scheduler is stopped."
             *     ]
             */
            warnings?: string[];
            connection: components["schemas"]["ConnectionEntry"];
        };
        DiscoverRequest: {
            /** @description PEM. What the server’s certificate is checked against; default: the system’s list. */
            ssl_ca?: string | null;
            /** @description PEM. The client certificate, with ssl_key. */
            ssl_certificate?: string | null;
            /** @description PEM. The private key of ssl_certificate. It is kept sealed and never shown. */
            ssl_key?: string | null;
            /** @description Use its login. Otherwise give one here. */
            connection_id?: string;
            /**
             * @example PostgreSQL
             * @enum {string}
             */
            db_type?: "PostgreSQL" | "MySQL";
            /** @example localhost */
            host?: string;
            /** @example 5432 */
            port?: string | number;
            /** @example user */
            username?: string;
            /** @example password */
            password?: string;
            /** @description Where to log in; default: `postgres`, or none at all (MySQL). */
            database?: string;
            /**
             * @description libpq’s names. `prefer` (default) uses TLS where the server offers it; `verify-ca` checks who issued the server’s certificate, `verify-full` its name as well; `require` with ssl_ca is `verify-ca`.
             * @example prefer
             * @enum {string}
             */
            ssl_mode?: "disable" | "prefer" | "require" | "verify-ca" | "verify-full";
            /**
             * @description Makes connections with the same login: `true` for every database that has none yet and that the login may open, or for those named.
             * @example [
             *       "shop",
             *       "crm"
             *     ]
             */
            add?: boolean | string[];
        };
        FoundDatabaseEntry: {
            /** @example shop */
            name: string;
            /**
             * @description Bytes.
             * @example 1024000
             */
            size: number | null;
            /**
             * @description Whether the login may open it.
             * @example true
             */
            accessible: boolean;
            /**
             * @description Whether there is a complete backup of it.
             * @example false
             */
            backed_up: boolean;
            /** @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52 */
            connection_id: string | null;
            /**
             * @description Whether this call has made the connection.
             * @example true
             */
            added: boolean;
        };
        DiscoverResponse: {
            /** @enum {boolean} */
            success: true;
            /** @description Those without a backup first. */
            databases: components["schemas"]["FoundDatabaseEntry"][];
        };
        ConnectionResponse: {
            /** @enum {boolean} */
            success: true;
            connection: components["schemas"]["ConnectionEntry"];
        };
        ConnectionChangeRequest: {
            /** @description PEM. What the server’s certificate is checked against; default: the system’s list. */
            ssl_ca?: string | null;
            /** @description PEM. The client certificate, with ssl_key. */
            ssl_certificate?: string | null;
            /** @description PEM. The private key of ssl_certificate. It is kept sealed and never shown. */
            ssl_key?: string | null;
            /** @example localhost */
            host?: string;
            /** @example 5432 */
            port?: string | number;
            /** @example mydb */
            database?: string;
            /** @example user */
            username?: string;
            /**
             * @description Needed with another host, port or username: the stored one is not sent elsewhere.
             * @example password
             */
            password?: string;
            /**
             * @description libpq’s names. `prefer` (default) uses TLS where the server offers it; `verify-ca` checks who issued the server’s certificate, `verify-full` its name as well; `require` with ssl_ca is `verify-ca`.
             * @example prefer
             * @enum {string}
             */
            ssl_mode?: "disable" | "prefer" | "require" | "verify-ca" | "verify-full";
            /**
             * @description A name for people. Without one the connection is called by its database and host.
             * @example Shop, production
             */
            label?: string | null;
            /** @description What is kept of its backups; null: BACKUP_RETENTION_COUNT. Schedules can have their own. */
            retention?: components["schemas"]["RetentionPolicyBody"] | null;
            /**
             * @description Default: true, a login that the server does not accept is not saved.
             * @example true
             */
            test?: boolean;
        };
        ConnectionDeleteRequest: {
            /**
             * @description Default: false, its backups stay.
             * @example false
             */
            delete_backups?: boolean;
            /**
             * @description The name of its database, required with delete_backups to confirm.
             * @example mydb
             */
            confirm?: string;
        };
        ConnectionDeletedResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example Connection deleted. Its 12 backups stay in ./backups. */
            message: string;
            /** @example 0 */
            deleted_schedules: number;
            /** @example 0 */
            deleted_backups: number;
            /** @example 12 */
            remaining_backups: number;
        };
        ConnectionTestResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example The login works. */
            message: string;
            /**
             * @example PostgreSQL
             * @enum {string}
             */
            flavour: "PostgreSQL" | "MariaDB" | "MySQL";
            /** @example 15.20 */
            server_version: string;
            /**
             * @description How long the login took.
             * @example 14
             */
            latency_ms: number;
        };
        BackupCreateRequest: {
            /**
             * @description Default: the database’s name. The time and the extension are added.
             * @example manual_backup
             */
            backup_name?: string;
            /**
             * @description A folder inside BACKUP_DIR or BACKUP_ALLOWED_DIRS.
             * @example ./backups
             */
            backup_location?: string;
            /**
             * @description `custom` for PostgreSQL only.
             * @example plain
             * @enum {string}
             */
            format?: "plain" | "custom";
            /**
             * @example none
             * @enum {string}
             */
            compression?: "none" | "zstd";
            /**
             * @description How it is verified. `stored`: read back from storage, with the same hash. `restored`: loaded into a verification server, with the same objects, rows and content. Default: as in the settings.
             * @example stored
             * @enum {string}
             */
            verification?: "complete" | "stored" | "restored";
            /**
             * @description How restored data is compared. `content`: by a checksum of each table over all columns, computed in the dump’s own snapshot. `counts`: by the numbers of objects and rows only, which is cheaper. Default: VERIFY_COMPARE.
             * @example content
             * @enum {string}
             */
            compare?: "content" | "counts";
            /**
             * @description Default: the active connection.
             * @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52
             */
            connection_id?: string;
        };
        FailedVerificationEntry: {
            /** @example 2023-12-20T12:00:05.000Z */
            at: string;
            /** @example mydb_20231220_120000.sql: table public.orders has 11 rows instead of 12. */
            message: string;
            /**
             * @description The level that was being verified. Absent: `stored`.
             * @enum {string}
             */
            level?: "complete" | "stored" | "restored";
        };
        RestoredVerificationEntry: {
            /**
             * @description The server that it was loaded into.
             * @example PostgreSQL 17.6
             */
            server: string;
            /** @example 42 */
            tables: number;
            /** @example 1203321 */
            rows: number;
            /**
             * @description What the rows were compared with: the dump’s own snapshot of the source, or what the dump holds.
             * @enum {string}
             */
            compared_with: "snapshot" | "dump";
            /**
             * @description `content`: the checksums of the rows were equal, too. `counts`, or absent: only their number was compared, because that was asked for, or the backup has no checksums.
             * @enum {string}
             */
            compared?: "content" | "counts";
            /** @description With `content`: the tables (and single columns, as `table.column`) whose content was not compared nevertheless; `warnings` says why. On MySQL and MariaDB these are the tables that were written while the dump began. */
            by_count?: string[];
            /**
             * @description How long the load took: the measured recovery time.
             * @example 8412
             */
            restore_ms: number;
            /** @description What differed and does not have to be the same. */
            warnings?: string[];
            /** @description What had to be made with more rights than those of the account that loads a backup for verification. */
            notes?: string[];
        };
        UntriedVerificationEntry: {
            /** @example 2023-12-20T12:00:05.000Z */
            at: string;
            /** @example cannot verify here, because no PostgreSQL server is installed on this machine. */
            message: string;
        };
        VerificationEntry: {
            /**
             * @example stored
             * @enum {string}
             */
            level: "complete" | "stored" | "restored";
            /**
             * @description When that level was reached.
             * @example 2023-12-20T12:00:05.000Z
             */
            at: string;
            /** @description The last attempt if it failed. Such a backup does not count any more. */
            failed: components["schemas"]["FailedVerificationEntry"] | null;
            /** @description The findings of level `restored`. */
            details: components["schemas"]["RestoredVerificationEntry"] | null;
            /** @description The last time that `restored` could not be tried here, and why. */
            untried: components["schemas"]["UntriedVerificationEntry"] | null;
        };
        BackupEntry: {
            /** @example mydb_20231220_120000.sql */
            filename: string;
            /** @example ./backups/mydb_20231220_120000.sql */
            path: string;
            /**
             * @description Bytes.
             * @example 1024000
             */
            size: number;
            /**
             * @description Seconds since 1970.
             * @example 1703073600
             */
            created: number;
            /**
             * Format: date-time
             * @description `created` as an instant: when the backup began, or a file made elsewhere was last changed.
             * @example 2023-12-20T12:00:00.000Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2023-12-20T12:00:00.000Z
             */
            started_at: string | null;
            /**
             * Format: date-time
             * @example 2023-12-20T12:00:01.250Z
             */
            completed_at: string | null;
            /** @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52 */
            id: string;
            /** @example mydb */
            database: string | null;
            /**
             * @example PostgreSQL
             * @enum {string|null}
             */
            db_type: "PostgreSQL" | "MySQL" | null;
            /**
             * @example plain
             * @enum {string|null}
             */
            format: "plain" | "custom" | "tar" | "directory" | null;
            /**
             * @example none
             * @enum {string|null}
             */
            compression: "none" | "zstd" | "gzip" | "bzip2" | "xz" | "zip" | null;
            /**
             * @description `foreign`: a dump that this service did not write. `damaged`: the file is not as it was written, its manifest cannot be read, or its verification by a restore failed (`verification.failed`).
             * @example complete
             * @enum {string}
             */
            status: "complete" | "foreign" | "damaged";
            /**
             * @example manual
             * @enum {string|null}
             */
            kind: "manual" | "scheduled" | "safety" | null;
            /** @example b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9 */
            sha256: string | null;
            /** @example 1250 */
            duration_ms: number | null;
            /** @example [] */
            warnings: string[];
            verification: components["schemas"]["VerificationEntry"] | null;
        };
        BackupResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example Backup created successfully at ./backups/mydb_20231220_120000.sql */
            message: string;
            backup: components["schemas"]["BackupEntry"];
        };
        JobProgressEntry: {
            /**
             * @description What is being done now.
             * @example dump
             */
            phase: string;
            /**
             * @description Bytes of the dump, before compression.
             * @example 73400320
             */
            bytes: number;
            /**
             * @description Estimated.
             * @example 104857600
             */
            total_bytes: number | null;
            /** @example 12 */
            tables: number | null;
            /** @example 17 */
            total_tables: number | null;
            /** @example 52428800 */
            bytes_per_second: number | null;
            /**
             * @description Estimated.
             * @example 1
             */
            seconds_left: number | null;
        };
        JobErrorEntry: {
            /** @example DUMP_FAILED */
            code: string;
            /** @example pg_dump failed with exit status 1. */
            message: string;
            /**
             * @description What to do next.
             * @example null
             */
            hint: string | null;
        };
        JobEntry: {
            /** @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52 */
            id: string;
            /**
             * @example backup
             * @enum {string}
             */
            type: "backup" | "restore" | "undo" | "settle" | "verify" | "adopt" | "retention" | "expiry" | "sweep" | "catalog_copy";
            /**
             * @description `interrupted`: the service ended while it ran, or before it could.
             * @example running
             * @enum {string}
             */
            state: "queued" | "running" | "succeeded" | "failed" | "cancelled" | "interrupted";
            /** @example mydb */
            database: string | null;
            /** @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52 */
            connection_id: string | null;
            /** @example default */
            schedule_id: string | null;
            /**
             * @description The scheduled time that it serves.
             * @example null
             */
            due_at: string | null;
            /**
             * @description The more urgent job runs first.
             * @example manual
             * @enum {string}
             */
            urgency: "manual" | "scheduled" | "background";
            /**
             * @description How often it was started; 0 before the first start.
             * @example 1
             */
            attempt: number;
            /** @example 1 */
            max_attempts: number;
            /**
             * Format: date-time
             * @example 2026-01-02T03:04:05.678Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2026-01-02T03:04:05.678Z
             */
            started_at: string | null;
            /**
             * Format: date-time
             * @example null
             */
            finished_at: string | null;
            /**
             * Format: date-time
             * @description The job does not start before this time.
             * @example 2026-01-02T03:04:05.678Z
             */
            run_after: string;
            /**
             * @description Whether it was told to stop.
             * @example false
             */
            cancel_requested: boolean;
            /**
             * @description The interrupted job that it repeats.
             * @example null
             */
            retry_of: string | null;
            progress: components["schemas"]["JobProgressEntry"] | null;
            /**
             * @description The result of a job that succeeded, as the blocking calls answer it: `{ backup }`, `{ restore }`, …
             * @example null
             */
            result: Record<string, never> | null;
            /** @description Why it did not succeed. */
            error: components["schemas"]["JobErrorEntry"] | null;
        };
        JobAcceptedResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example The work has begun or waits for its turn: GET /api/jobs/6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52 tells how far it is. */
            message: string;
            job: components["schemas"]["JobEntry"];
        };
        BackupListResponse: {
            /** @enum {boolean} */
            success: true;
            /** @description Newest first. */
            backups: components["schemas"]["BackupEntry"][];
        };
        CatalogedBackup: {
            /** @example mydb_20231220_120000.sql */
            filename: string;
            /** @example ./backups/mydb_20231220_120000.sql */
            path: string;
            /**
             * @description Bytes.
             * @example 1024000
             */
            size: number;
            /**
             * @description Seconds since 1970.
             * @example 1703073600
             */
            created: number;
            /**
             * Format: date-time
             * @description `created` as an instant: when the backup began, or a file made elsewhere was last changed.
             * @example 2023-12-20T12:00:00.000Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2023-12-20T12:00:00.000Z
             */
            started_at: string | null;
            /**
             * Format: date-time
             * @example 2023-12-20T12:00:01.250Z
             */
            completed_at: string | null;
            /** @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52 */
            id: string;
            /** @example mydb */
            database: string | null;
            /**
             * @example PostgreSQL
             * @enum {string|null}
             */
            db_type: "PostgreSQL" | "MySQL" | null;
            /**
             * @example plain
             * @enum {string|null}
             */
            format: "plain" | "custom" | "tar" | "directory" | null;
            /**
             * @example none
             * @enum {string|null}
             */
            compression: "none" | "zstd" | "gzip" | "bzip2" | "xz" | "zip" | null;
            /**
             * @description `foreign`: a dump that this service did not write. `damaged`: the file is not as it was written, its manifest cannot be read, or its verification by a restore failed (`verification.failed`).
             * @example complete
             * @enum {string}
             */
            status: "complete" | "foreign" | "damaged";
            /**
             * @example manual
             * @enum {string|null}
             */
            kind: "manual" | "scheduled" | "safety" | null;
            /** @example b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9 */
            sha256: string | null;
            /** @example 1250 */
            duration_ms: number | null;
            /** @example [] */
            warnings: string[];
            verification: components["schemas"]["VerificationEntry"] | null;
            /** @example false */
            pinned: boolean;
            /** @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52 */
            connection_id: string | null;
            /** @example default */
            schedule_id: string | null;
            /**
             * @description Why it is foreign although it has a manifest. Such a backup can be adopted.
             * @example null
             * @enum {string|null}
             */
            foreign_because: "unsigned" | "altered" | "other_installation" | null;
        };
        ManifestServerEntry: {
            /** @enum {string} */
            flavour: "PostgreSQL" | "MariaDB" | "MySQL";
            /** @example 17.6 */
            version: string;
        };
        ManifestToolEntry: {
            /** @enum {string} */
            flavour: "PostgreSQL" | "MariaDB" | "MySQL";
            /** @example 17.6 */
            version: string;
            /** @example pg_dump */
            name: string;
        };
        DatabaseGrantEntry: {
            /**
             * @description null: everybody.
             * @example app
             */
            grantee: string | null;
            /** @example owner */
            grantor: string;
            /**
             * @example [
             *       "CONNECT"
             *     ]
             */
            privileges: string[];
            /**
             * @description The privileges among them that may be granted to others.
             * @example []
             */
            grantable: string[];
        };
        RoleSettingsEntry: {
            /** @example app */
            role: string;
            /**
             * @example [
             *       "statement_timeout=30s"
             *     ]
             */
            settings: string[];
        };
        ManifestPropertiesEntry: {
            /** @example owner */
            owner: string;
            /** @description null: the built-in ones. */
            grants: components["schemas"]["DatabaseGrantEntry"][] | null;
            /**
             * @description Values of settings with a dot in their name may be secrets: the file has them, the answer does not.
             * @example [
             *       "search_path=app, public"
             *     ]
             */
            settings: string[];
            /** @description Settings of roles in this database. */
            role_settings: components["schemas"]["RoleSettingsEntry"][];
            /** @example The shop */
            comment: string | null;
            /**
             * @description -1: none.
             * @example -1
             */
            connection_limit: number;
            /** @description Absent where the database is no template. */
            is_template?: boolean;
        };
        ReferencedRoleEntry: {
            /** @example app */
            name: string;
            /**
             * @description Those that CREATE ROLE does not give by itself.
             * @example [
             *       "LOGIN"
             *     ]
             */
            attributes: string[];
            /**
             * @description -1: none.
             * @example -1
             */
            connection_limit: number;
            /** @example null */
            valid_until: string | null;
            /**
             * @example [
             *       "readers"
             *     ]
             */
            member_of: string[];
        };
        ManifestGlobalsEntry: {
            /** @example mydb_20231220_120000.sql.globals.sql */
            file: string;
            /** @example 2048 */
            size: number;
            /** @example b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9 */
            sha256: string;
            /**
             * @description Whether it holds the hashes of passwords.
             * @example false
             */
            passwords: boolean;
        };
        ManifestDemandsEntry: {
            /**
             * @description Accounts in whose names views, routines, triggers and events are made.
             * @example [
             *       "app@%"
             *     ]
             */
            definers?: string[];
            /**
             * @description The bytes of the longest value per table, for tables with values of 1 MiB and more. max_allowed_packet must not be less.
             * @example {
             *       "files": 12582912
             *     }
             */
            long_values?: {
                [key: string]: number;
            };
        };
        ManifestChecksumsEntry: {
            /**
             * @description Name and version.
             * @example postgresql-row-text-1
             */
            algorithm: string;
            /** @description Encoding and text form of the server; checksums of another one cannot be compared. */
            basis: string;
            /**
             * @description By table, with the keys of `rows`.
             * @example {
             *       "public.orders": "-812763549812"
             *     }
             */
            tables: {
                [key: string]: string;
            };
            /** @description The checksum of all large objects (PostgreSQL). */
            large_objects?: string;
            /** @description Tables whose content could not be computed, and why. */
            uncovered?: {
                [key: string]: string;
            };
        };
        ManifestVerificationEntry: {
            /** @enum {string} */
            level: "complete" | "stored" | "restored";
            /** @example 2023-12-20T12:00:05.000Z */
            at: string;
            failed?: components["schemas"]["FailedVerificationEntry"];
            details?: components["schemas"]["RestoredVerificationEntry"];
            untried?: components["schemas"]["UntriedVerificationEntry"];
        };
        ManifestSignatureEntry: {
            /**
             * @description Which key of which installation signed.
             * @example 9f86d081884c7d65
             */
            key_id: string;
            /** @example b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9 */
            mac: string;
        };
        ManifestEntry: {
            /** @enum {number} */
            manifest_version: 1 | 2;
            /** @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52 */
            id: string;
            /** @example mydb_20231220_120000.sql */
            artifact: string;
            /** @enum {string} */
            kind: "manual" | "scheduled" | "safety";
            /** @enum {string} */
            db_type: "PostgreSQL" | "MySQL";
            /** @example mydb */
            database: string;
            /** @example localhost */
            host: string;
            /** @example 5432 */
            port: number;
            server: components["schemas"]["ManifestServerEntry"];
            tool: components["schemas"]["ManifestToolEntry"];
            /** @enum {string} */
            format: "plain" | "custom";
            /** @enum {string} */
            compression: "none" | "zstd";
            /**
             * @description What the dump was encoded with before it was stored, the last one applied last.
             * @example [
             *       "zstd"
             *     ]
             */
            codecs?: string[];
            /**
             * @description Bytes of the file as stored.
             * @example 1024000
             */
            size: number;
            /** @example b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9 */
            sha256: string;
            /**
             * @description Bytes that the dump tool wrote, before compression.
             * @example 1024000
             */
            dump_size: number;
            /**
             * @description The moment of the data.
             * @example 2023-12-20T12:00:00.000Z
             */
            started_at: string;
            /** @example 2023-12-20T12:00:01.250Z */
            completed_at: string;
            /** @example 1250 */
            duration_ms: number;
            /**
             * @description Settings that a new database must be made with to hold the same data.
             * @example {
             *       "encoding": "UTF8"
             *     }
             */
            database_settings: {
                [key: string]: string;
            };
            /** @description Properties of the database itself, which a dump does not hold. A restore applies them to a database that it creates. */
            properties?: components["schemas"]["ManifestPropertiesEntry"];
            /** @description Roles of the server that the dump refers to, without passwords. */
            roles?: components["schemas"]["ReferencedRoleEntry"][];
            /** @description The script with the roles of the server, stored next to the artifact. */
            globals?: components["schemas"]["ManifestGlobalsEntry"];
            /**
             * @description PostgreSQL: search paths of the database, tried where a restore fails with the empty one of the dump.
             * @example [
             *       "app, public"
             *     ]
             */
            search_paths?: string[];
            /**
             * @description Settings of the source’s sessions on which generated columns and functions may depend. A restore computes these with them.
             * @example {
             *       "time_zone": "Europe/Berlin"
             *     }
             */
            session_settings?: {
                [key: string]: string;
            };
            /** @description MySQL and MariaDB: what the dump asks of the server that it is restored on. */
            demands?: components["schemas"]["ManifestDemandsEntry"];
            /**
             * @description The number of objects of each kind, in the words of the database engine.
             * @example {
             *       "tables": 42,
             *       "views": 3
             *     }
             */
            objects: {
                [key: string]: number;
            };
            /**
             * @description Rows by table, where they were counted in the dump’s own snapshot.
             * @example {
             *       "public.orders": 12
             *     }
             */
            rows?: {
                [key: string]: number;
            };
            /** @description Checksums of the rows, where they were computed in the dump’s own snapshot. */
            checksums?: components["schemas"]["ManifestChecksumsEntry"];
            /**
             * @description What every new database has and the source did not have.
             * @example [
             *       "schema public"
             *     ]
             */
            absent?: string[];
            /** @example [] */
            warnings: string[];
            verification: components["schemas"]["ManifestVerificationEntry"];
            connection_id?: string;
            schedule_id?: string;
            /** @description HMAC-SHA-256 of all other fields, as canonical JSON, with a key of the installation. */
            signature?: components["schemas"]["ManifestSignatureEntry"];
        };
        BackupDetailsResponse: {
            /** @enum {boolean} */
            success: true;
            backup: components["schemas"]["CatalogedBackup"];
            /** @description The whole manifest, as it is stored; null where none can be read. */
            manifest: components["schemas"]["ManifestEntry"] | null;
        };
        BackupDeletedResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example mydb_20231220_120000.sql was deleted. */
            message: string;
            /** @description As it was. */
            backup: components["schemas"]["CatalogedBackup"];
            /**
             * @description What its database does not have any more.
             * @example []
             */
            warnings: string[];
        };
        PinRequest: {
            /**
             * @description A pinned backup is kept, whatever the retention.
             * @example true
             */
            pinned: boolean;
        };
        VerifyRequest: {
            /**
             * @description `stored`, the default: read back, with the same hash. `restored`: also loaded into a verification server, with the same objects, rows and content.
             * @example restored
             * @enum {string}
             */
            level?: "stored" | "restored";
            /**
             * @description How restored data is compared. `content`: by a checksum of each table over all columns, computed in the dump’s own snapshot. `counts`: by the numbers of objects and rows only, which is cheaper. Default: VERIFY_COMPARE.
             * @example content
             * @enum {string}
             */
            compare?: "content" | "counts";
        };
        RolesRestoreRequest: {
            /**
             * @description Default: those that the backup refers to.
             * @example [
             *       "app"
             *     ]
             */
            roles?: string[];
            /**
             * @description true: changes nothing, and answers with what would be done.
             * @example true
             */
            dry_run?: boolean;
            /**
             * @description A connection to the server on which to create them. Default: the active connection.
             * @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52
             */
            connection_id?: string;
        };
        RestoredRoleEntry: {
            /** @example app */
            name: string;
            /**
             * @example create
             * @enum {string}
             */
            action: "create" | "exists";
            /**
             * @description The statements that create it, without passwords; empty for a role that exists.
             * @example [
             *       "CREATE ROLE \"app\" WITH LOGIN"
             *     ]
             */
            commands: string[];
        };
        RolesRestoreResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example 1 role was made; 2 were there. */
            message: string;
            /** @example false */
            dry_run: boolean;
            roles: components["schemas"]["RestoredRoleEntry"][];
            /** @example [] */
            warnings: string[];
        };
        BackupPageResponse: {
            /** @enum {boolean} */
            success: true;
            /** @description The `after` of the next call; null on the last page. */
            next: string | null;
            /** @description In the requested order; by default the newest first. */
            backups: components["schemas"]["CatalogedBackup"][];
            /**
             * @description The number of backups on all pages.
             * @example 12
             */
            total: number;
        };
        RebuildRequest: {
            /**
             * @description true: also accepts a copy of the catalog that this installation has not signed. Set it only if nobody else can write into the storage. It brings connections back without passwords, and no history of restores.
             * @example false
             */
            accept_foreign_copy?: boolean;
        };
        RebuildResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example The catalog was rebuilt from storage: 12 backups. */
            message: string;
            /**
             * @description Restored from the newest copy of the catalog; existing ones stayed.
             * @example 0
             */
            connections: number;
            /** @example 0 */
            schedules: number;
            /**
             * @description The number of backups whose manifests were found in the backup folders.
             * @example 12
             */
            backups: number;
            /** @example [] */
            warnings: string[];
        };
        StorageDetails: {
            /** @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52 */
            id: string;
            /** @example offsite */
            name: string;
            /** @example s3 */
            kind: string;
            /**
             * @description The settings without the secrets.
             * @example {
             *       "bucket": "backups",
             *       "region": "eu-central-1",
             *       "prefix": "database-server-1"
             *     }
             */
            settings: Record<string, never>;
            /**
             * @description The names of the secrets that are kept.
             * @example [
             *       "secret_access_key"
             *     ]
             */
            secrets: string[];
            /**
             * @description Whether BACKUP_DIR or BACKUP_ALLOWED_DIRS names it, so that it cannot be changed here.
             * @example false
             */
            from_environment: boolean;
            /**
             * @description `missing`: it does not answer, or is not the one that was used before. `low`: less than 10 % is free.
             * @example fine
             * @enum {string}
             */
            state: "fine" | "low" | "unwritable" | "missing";
            /**
             * @description Why no backup can be written there now.
             * @example null
             */
            blocker: string | null;
            /**
             * @description Null where the storage does not tell.
             * @example null
             */
            free_bytes: number | null;
            /** @example null */
            total_bytes: number | null;
            /**
             * @description The number of listed files, including foreign ones.
             * @example 12
             */
            backups: number;
            /**
             * @description The bytes that they take.
             * @example 1073741824
             */
            bytes: number;
        };
        StoragesResponse: {
            /** @enum {boolean} */
            success: true;
            /** @description The default one is the first. */
            storages: components["schemas"]["StorageDetails"][];
            /**
             * @description The kinds that can be added.
             * @example [
             *       "s3"
             *     ]
             */
            kinds: string[];
        };
        StorageCreateRequest: {
            /**
             * @description A name of 2 to 63 lower case letters, digits, "-" and "_", with a letter first. It stands before the colon of addresses: `offsite:shop/shop_20261130_101500.sql`.
             * @example offsite
             */
            name: string;
            /**
             * @description The kind: see docs/operations/storages.md.
             * @example s3
             */
            kind: string;
            /**
             * @description The settings of this kind. Secrets among them are sealed, and never shown again.
             * @example {
             *       "bucket": "backups",
             *       "region": "eu-central-1",
             *       "prefix": "database-server-1"
             *     }
             */
            settings: {
                [key: string]: string;
            };
            /**
             * @description Default: true, a storage that does not pass the test of POST /api/storages/{id}/test is not saved.
             * @example true
             */
            test?: boolean;
        };
        StorageSavedResponse: {
            /** @enum {boolean} */
            success: true;
            storage: components["schemas"]["StorageDetails"];
            /** @example Storage added. */
            message: string;
        };
        StorageResponse: {
            /** @enum {boolean} */
            success: true;
            storage: components["schemas"]["StorageDetails"];
        };
        StorageChangeRequest: {
            /**
             * @description A name of 2 to 63 lower case letters, digits, "-" and "_", with a letter first. It stands before the colon of addresses: `offsite:shop/shop_20261130_101500.sql`.
             * @example offsite
             */
            name?: string;
            /**
             * @description The settings that change; null takes one away. Stored secrets are not sent to another server.
             * @example {
             *       "prefix": "database-server-2"
             *     }
             */
            settings?: {
                [key: string]: string | null;
            };
            /**
             * @description Default: true, a storage that does not pass the test of POST /api/storages/{id}/test is not saved.
             * @example true
             */
            test?: boolean;
        };
        StorageDeleteRequest: {
            /**
             * @description The name of the storage, where it holds backups. They stay there; this service does not list them any more.
             * @example offsite
             */
            confirm?: string;
        };
        MessageResponse: {
            /** @enum {boolean} */
            success: true;
            message: string;
        };
        StorageTestResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example The storage works. */
            message: string;
            /**
             * @description The steps that were done.
             * @example [
             *       "reach",
             *       "write",
             *       "read",
             *       "list",
             *       "delete"
             *     ]
             */
            steps: ("reach" | "write" | "read" | "list" | "delete")[];
        };
        RestoreRequestBody: {
            /** @example ./backups/mydb_20231220_120000.sql */
            backup_file_path: string;
            /**
             * @description Default: the connected database. Made if it does not exist.
             * @example mydb_copy
             */
            target_database?: string;
            /**
             * @description `swap`: loads into a staging database, compares, and swaps it in; can be undone. `transaction` (PostgreSQL) and `safety_backup` (MySQL): restore in place. Default `auto`: `swap` where it is possible, else the other strategy.
             * @example auto
             * @enum {string}
             */
            strategy?: "auto" | "swap" | "transaction" | "safety_backup";
            /**
             * @description Only these. PostgreSQL: `schema.table`, or `table` for one in `public`. Default: everything.
             * @example [
             *       "public.orders"
             *     ]
             */
            tables?: string[];
            /**
             * @description true: changes nothing, and answers with what would be done.
             * @example false
             */
            dry_run?: boolean;
            /**
             * @description Leave out owners and grants (PostgreSQL).
             * @example false
             */
            no_owner?: boolean;
            /**
             * @description The definer of restored views, routines, triggers and events (MySQL, MariaDB). `keep`: the accounts that the backup names; `warnings` names those that the server does not have. `current_user`: the account of the connection. `skip`: as `keep`, but leaves out the objects whose account the server does not have.
             * @example keep
             * @enum {string}
             */
            definer?: "keep" | "current_user" | "skip";
            /**
             * @description For a backup of MySQL restored into MariaDB, the reverse, or an older server: what to do with collations that the server does not have. `keep`: the restore is refused and names them. `map`: each is replaced by the nearest one, named in `warnings`; texts may sort otherwise.
             * @example keep
             * @enum {string}
             */
            collations?: "keep" | "map";
            /**
             * @description When the target database is created and the server does not have the locale, encoding or collation of the backup: true takes the nearest one, with a warning. Default: refuse.
             * @example false
             */
            locale_fallback?: boolean;
            /**
             * @description Put everything into the tablespace of the database, for a server without the other ones (PostgreSQL).
             * @example false
             */
            no_tablespaces?: boolean;
            /**
             * @description Restore a foreign script that has no header or end mark of a dump program. Whether it is whole cannot be told then.
             * @example false
             */
            accept_incomplete?: boolean;
            /**
             * @description For a foreign dump of several databases (pg_dumpall, mysqldump --databases or --all-databases): the one to restore. The target is `target_database`, or that of the connection.
             * @example shop
             */
            source_database?: string;
            /**
             * @description How restored data is compared. `content`: by a checksum of each table over all columns, computed in the dump’s own snapshot. `counts`: by the numbers of objects and rows only, which is cheaper. Default: VERIFY_COMPARE.
             * @example content
             * @enum {string}
             */
            compare?: "content" | "counts";
            /**
             * @description Default: the active connection.
             * @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52
             */
            connection_id?: string;
        };
        UndoEntry: {
            /**
             * @description POST /api/restores/{id}/undo brings it back.
             * @example true
             */
            available: boolean;
            /**
             * @description `in_progress`: it is being undone. `failed`: the last attempt failed or was interrupted, `reason` says why; it can be tried again. `expired`: its time is over. `dropping`: it cannot be restored any more, but is still there. `dropped`: somebody gave it up. `lost`: it disappeared without the service having dropped it, or with the database that it was in; a safety backup also counts as lost while it is altered or cannot be reached. `none`: nothing was kept.
             * @example available
             * @enum {string}
             */
            state: "available" | "in_progress" | "failed" | "used" | "expired" | "dropping" | "dropped" | "lost" | "none";
            /**
             * Format: date-time
             * @description When it is dropped. For a safety backup: until when it cannot be deleted. null: no time is set.
             * @example 2026-01-03T03:04:05.678Z
             */
            until: string | null;
            /**
             * @description The previous database on the server; null where there is none (any more).
             * @example mydb__before_6f1c8f8e
             */
            copy: string | null;
            /**
             * @description The bytes that the previous database takes on the server.
             * @example 73400320
             */
            bytes: number | null;
            /**
             * @description Why it cannot be undone, or why the last attempt failed. Absent where there is nothing to say.
             * @example The last attempt failed: "mydb" is in use by sessions which do not end. Nothing was changed.
             */
            reason?: string;
        };
        RestoreDetails: {
            /**
             * @description The id of the restore for `/api/restores`.
             * @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52
             */
            id: string | null;
            /**
             * @description `swap`: loaded into a staging database and swapped in. `transaction`, `safety_backup`: restored in place, and what would have undone a failure. `new`: there was no such database.
             * @example swap
             * @enum {string}
             */
            strategy: "swap" | "transaction" | "safety_backup" | "new";
            /** @example mydb */
            database: string;
            /** @example false */
            database_created: boolean;
            /**
             * @description The tables that are restored; null: everything.
             * @example null
             */
            tables: string[] | null;
            /** @example 2380 */
            duration_ms: number;
            /**
             * @description How long the database could not be used; null where everything was done in place, or where it was not measured.
             * @example 38
             */
            lockout_ms: number | null;
            /**
             * @description How many sessions the swap ended.
             * @example 2
             */
            sessions_ended: number | null;
            /** @description The safety backup of the previous data. */
            safety_backup: components["schemas"]["BackupEntry"] | null;
            /** @example [] */
            warnings: string[];
            /** @description null: there was nothing to keep. */
            undo: components["schemas"]["UndoEntry"] | null;
        };
        PlannedBackupEntry: {
            /** @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52 */
            id: string | null;
            /** @example mydb */
            database: string | null;
            /** @example plain */
            format: string;
            /**
             * @description Bytes of the file.
             * @example 1024000
             */
            size: number;
            /**
             * @description Bytes of the dump inside the file.
             * @example 4096000
             */
            dump_size: number | null;
            /**
             * @description The moment of the data.
             * @example 2023-12-20T12:00:00.000Z
             */
            started_at: string | null;
            /**
             * @description The server that it was made from.
             * @example PostgreSQL 17.6
             */
            server: string | null;
            /**
             * @example restored
             * @enum {string|null}
             */
            verification: "complete" | "stored" | "restored" | null;
        };
        PlannedTargetEntry: {
            /** @example PostgreSQL 17.6 */
            server: string;
            /**
             * @description Bytes that the database holds now.
             * @example 73400320
             */
            bytes: number;
            /**
             * @description The objects of each kind that it holds now and that would be replaced; null where it does not exist.
             * @example {
             *       "tables": 12,
             *       "views": 3
             *     }
             */
            objects: Record<string, never> | null;
            /**
             * @description Sessions that are open now; a swap ends them.
             * @example 2
             */
            sessions: number | null;
            /**
             * @description Free bytes where the server keeps its data.
             * @example 53687091200
             */
            free_bytes: number | null;
        };
        LockoutEstimateEntry: {
            /**
             * @description How many tables are renamed, in either direction.
             * @example 3000
             */
            tables: number;
            /**
             * @description The estimate for a server that does not wait for its disk.
             * @example 1500
             */
            least_ms: number;
            /**
             * @description The estimate for a server with a slow disk.
             * @example 45000
             */
            most_ms: number;
        };
        RestorePlanEntry: {
            /** @example ./backups/mydb_20231220_120000.sql */
            path: string;
            /** @example mydb */
            database: string;
            /**
             * @example swap
             * @enum {string}
             */
            strategy: "swap" | "transaction" | "safety_backup" | "new";
            /**
             * @description The blockers: why the strategy would not be `swap`.
             * @example []
             */
            obstacles: string[];
            /**
             * @description For a restore in place on MySQL and MariaDB: true where the backup is loaded and compared in a staging database before anything is taken away, unless it holds what cannot be moved from there; false where it is loaded directly into the target, for the reason among the warnings. null for all others.
             * @example null
             */
            staged: boolean | null;
            /**
             * @description The database does not exist and would be made.
             * @example false
             */
            creates_database: boolean;
            /**
             * @description For how many hours it could be undone; 0: no previous database would be kept.
             * @example 24
             */
            undo_hours: number;
            /**
             * @description The tables that are restored; null: everything.
             * @example null
             */
            tables: string[] | null;
            backup: components["schemas"]["PlannedBackupEntry"];
            target: components["schemas"]["PlannedTargetEntry"];
            /** @description MySQL and MariaDB, where the tables are renamed one by one: the estimated time for which the database could not be used. null: the time does not depend on the number of tables, or the database is not in use, or the backup is loaded directly into it. */
            lockout: components["schemas"]["LockoutEstimateEntry"] | null;
            /** @example [] */
            warnings: string[];
        };
        RestoreResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example Restore successful from ./backups/mydb_20231220_120000.sql */
            message: string;
            /** @description Absent from the answer to a dry run. */
            restore?: components["schemas"]["RestoreDetails"];
            /** @description The answer to a dry run. */
            plan?: components["schemas"]["RestorePlanEntry"];
        };
        RestoreEntry: {
            /** @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52 */
            id: string;
            /**
             * @example restore
             * @enum {string}
             */
            kind: "restore" | "undo";
            /**
             * @description The restore that was undone.
             * @example null
             */
            undoes: string | null;
            /** @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52 */
            job_id: string | null;
            /** @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52 */
            connection_id: string | null;
            /**
             * @description The database that was restored.
             * @example mydb
             */
            database: string;
            /** @example ./backups/mydb_20231220_120000.sql */
            backup_path: string;
            /**
             * @example swap
             * @enum {string|null}
             */
            strategy: "swap" | "transaction" | "safety_backup" | "new" | null;
            /**
             * @description The tables that are restored; null: everything.
             * @example null
             */
            tables: string[] | null;
            /**
             * @description How long the database could not be used; null where everything was done in place, or where it was not measured.
             * @example 38
             */
            lockout_ms: number | null;
            /**
             * @description The safety backup of the previous data, if the database was restored in place.
             * @example null
             */
            safety_backup_path: string | null;
            undo: components["schemas"]["UndoEntry"];
            /**
             * @example succeeded
             * @enum {string}
             */
            state: "running" | "succeeded" | "failed" | "interrupted";
            error: components["schemas"]["JobErrorEntry"] | null;
            /**
             * Format: date-time
             * @example 2026-01-02T03:04:05.678Z
             */
            started_at: string;
            /**
             * Format: date-time
             * @example 2026-01-02T03:04:05.678Z
             */
            finished_at: string | null;
        };
        RestoresResponse: {
            /** @enum {boolean} */
            success: true;
            /** @description The `after` of the next call; null on the last page. */
            next: string | null;
            /** @description Newest first. */
            restores: components["schemas"]["RestoreEntry"][];
            /**
             * @description The bytes that all kept previous databases take on the servers, on all pages together.
             * @example 73400320
             */
            undo_bytes: number;
        };
        RestoreRecordResponse: {
            /** @enum {boolean} */
            success: true;
            restore: components["schemas"]["RestoreEntry"];
        };
        RestoreUndoneResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example Restore undone: "mydb" is as it was before. */
            message: string;
            /** @description The undo, which can be undone in turn. */
            restore: components["schemas"]["RestoreDetails"];
        };
        UndoDroppedResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example The previous state of "mydb" was dropped. */
            message: string;
            restore: components["schemas"]["RestoreEntry"];
        };
        SchedulerStartResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example Backup scheduler started successfully */
            message: string;
        };
        SchedulerStopResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example Backup scheduler stopped successfully */
            message: string;
        };
        LastRunEntry: {
            /**
             * @description On the clocks of the schedule’s zone.
             * @example 2023-12-16 00:00:00
             */
            at: string;
            /**
             * Format: date-time
             * @description `at` as an instant.
             * @example 2023-12-15T23:00:00.000Z
             */
            started_at: string;
            /** @example true */
            success: boolean;
            /** @example Backup created successfully at ./backups/mydb_20231216_000000.sql */
            message: string;
        };
        SchedulerStatusResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example true */
            running: boolean;
            /**
             * @description In `timezone`.
             * @example 2023-12-23 00:00:00
             */
            next_backup: string | null;
            /** @example 0 0 * * 6 */
            schedule: string;
            /** @example Europe/Berlin */
            timezone: string;
            /**
             * Format: date-time
             * @description `next_backup` as an instant.
             * @example 2023-12-22T23:00:00.000Z
             */
            next_backup_at: string | null;
            /** @description Includes forced runs. If several databases are backed up together: a failed one, if any failed. */
            last_run: components["schemas"]["LastRunEntry"] | null;
            /**
             * @description The databases without a schedule. Absent when every database has one.
             * @example [
             *       "No backup of \"shop on localhost\" is scheduled: the scheduler is stopped."
             *     ]
             */
            warnings?: string[];
        };
        ForcedBackupResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example Forced backup completed */
            message: string;
            backup: components["schemas"]["BackupEntry"];
        };
        ScheduleOptionsBody: {
            /**
             * @description Default: BACKUP_FORMAT.
             * @example plain
             * @enum {string}
             */
            format?: "plain" | "custom";
            /**
             * @description Default: BACKUP_COMPRESSION.
             * @example zstd
             * @enum {string}
             */
            compression?: "none" | "zstd";
            /**
             * @description How each backup is verified. `stored`: read back. `restored`: loaded into a verification server and compared there. Default: SCHEDULE_VERIFICATION.
             * @example stored
             * @enum {string}
             */
            verification?: "complete" | "stored" | "restored";
            /**
             * @description How restored data is compared. `content`: by a checksum of each table over all columns, computed in the dump’s own snapshot. `counts`: by the numbers of objects and rows only, which is cheaper. Default: VERIFY_COMPARE.
             * @example content
             * @enum {string}
             */
            compare?: "content" | "counts";
            /**
             * @description A folder inside BACKUP_DIR or BACKUP_ALLOWED_DIRS. Default: BACKUP_DIR.
             * @example ./backups/nightly
             */
            location?: string;
            /**
             * @description The beginning of the file names, before time and extension. Default: the database’s name.
             * @example nightly
             */
            name?: string;
            /**
             * @description For restores: leaves out owners and grants (PostgreSQL). Default: false, as in a restore by hand.
             * @example false
             */
            no_owner?: boolean;
        };
        PlannedRunEntry: {
            /**
             * Format: date-time
             * @example 2023-12-22T23:00:00.000Z
             */
            at: string;
            /**
             * @description On the clocks of the schedule’s zone.
             * @example 2023-12-23 00:00:00
             */
            local: string;
        };
        ScheduleRunEntry: {
            /**
             * Format: date-time
             * @example 2023-12-15T23:00:00.004Z
             */
            at: string;
            /**
             * @example succeeded
             * @enum {string}
             */
            state: "queued" | "running" | "succeeded" | "failed" | "cancelled" | "interrupted";
            /** @example Backup created successfully at ./backups/mydb_20231216_000000.sql */
            message: string;
            /** @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52 */
            job_id: string;
        };
        ScheduleEntry: {
            /** @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52 */
            id: string;
            /** @example Shop, nightly */
            name: string;
            /**
             * @description null: the default schedule before the first connection.
             * @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52
             */
            connection_id: string | null;
            /**
             * @description The connections that it backs up or restores into. The default schedule covers the active connection, and also every database that has no schedule of its own.
             * @example [
             *       "6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52"
             *     ]
             */
            connection_ids: string[];
            /**
             * @example backup
             * @enum {string}
             */
            action: "backup" | "restore";
            /** @example null */
            source_connection_id: string | null;
            /** @example 0 0 * * 6 */
            cron: string;
            /** @example Europe/Berlin */
            timezone: string;
            /** @example At 00:00, only on Saturday (Europe/Berlin) */
            description: string;
            /** @example true */
            enabled: boolean;
            options: components["schemas"]["ScheduleOptionsBody"];
            /** @description What is kept of the backups of this schedule; null: as its connection says. */
            retention: components["schemas"]["RetentionPolicyBody"] | null;
            /** @example 0 */
            jitter_seconds: number;
            /** @description Five, or none while it is paused. */
            next_runs: components["schemas"]["PlannedRunEntry"][];
            last_run: components["schemas"]["ScheduleRunEntry"] | null;
            /** @description Whether it is the schedule of the settings, which can be paused but not deleted. */
            is_default: boolean;
            /**
             * Format: date-time
             * @example 2026-01-02T03:04:05.678Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2026-01-02T03:04:05.678Z
             */
            updated_at: string;
        };
        SchedulesResponse: {
            /** @enum {boolean} */
            success: true;
            /** @description The `after` of the next call; null on the last page. */
            next: string | null;
            /**
             * @description The databases without a schedule. Absent when every database has one.
             * @example [
             *       "No backup of \"shop on localhost\" is scheduled: the scheduler is stopped."
             *     ]
             */
            warnings?: string[];
            /** @description In the order in which they were made. */
            schedules: components["schemas"]["ScheduleEntry"][];
        };
        ScheduleCreateRequest: {
            /**
             * @description Default: a description of what it does.
             * @example Shop, nightly
             */
            name?: string;
            /**
             * @description `backup`, the default: backs up the connection’s database. `restore`: restores the newest verified backup of `source_connection_id` into the connection’s database.
             * @example backup
             * @enum {string}
             */
            action?: "backup" | "restore";
            /**
             * @description Whose backups are restored; for the action `restore` only.
             * @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52
             */
            source_connection_id?: string;
            /**
             * @description IANA name. Default: that of the service.
             * @example Europe/Berlin
             */
            timezone?: string;
            /**
             * @description false: paused. Runs that fall into a pause are not made up.
             * @example true
             */
            enabled?: boolean;
            /** @description The options of its backups. They are replaced as a whole: an absent option is as in the settings. */
            options?: components["schemas"]["ScheduleOptionsBody"];
            /** @description What is kept of the backups of this schedule; null: as its connection says. */
            retention?: components["schemas"]["RetentionPolicyBody"] | null;
            /**
             * @description Runs that are due at the same time are spread over so many seconds.
             * @example 0
             */
            jitter_seconds?: number;
            /**
             * @description The connection to back up, or to restore into.
             * @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52
             */
            connection_id: string;
            /**
             * @description Five fields: minute, hour, day of the month, month, weekday.
             * @example 30 2 * * *
             */
            cron: string;
        };
        ScheduleSavedResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example Schedule created. */
            message: string;
            schedule: components["schemas"]["ScheduleEntry"];
            /**
             * @description The databases without a schedule. Absent when every database has one.
             * @example [
             *       "No backup of \"shop on localhost\" is scheduled: the scheduler is stopped."
             *     ]
             */
            warnings?: string[];
        };
        SchedulePreviewRequest: {
            /**
             * @description Five fields: minute, hour, day of the month, month, weekday.
             * @example 30 2 * * *
             */
            cron: string;
            /**
             * @description IANA name. Default: that of the service.
             * @example Europe/Berlin
             */
            timezone?: string;
        };
        SchedulePreviewResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example At 00:00, only on Saturday (Europe/Berlin) */
            description: string;
            next_runs: components["schemas"]["PlannedRunEntry"][];
        };
        ScheduleResponse: {
            /** @enum {boolean} */
            success: true;
            schedule: components["schemas"]["ScheduleEntry"];
        };
        ScheduleChangeRequest: {
            /**
             * @description Default: a description of what it does.
             * @example Shop, nightly
             */
            name?: string;
            /**
             * @description `backup`, the default: backs up the connection’s database. `restore`: restores the newest verified backup of `source_connection_id` into the connection’s database.
             * @example backup
             * @enum {string}
             */
            action?: "backup" | "restore";
            /**
             * @description Whose backups are restored; for the action `restore` only.
             * @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52
             */
            source_connection_id?: string;
            /**
             * @description IANA name. Default: that of the service.
             * @example Europe/Berlin
             */
            timezone?: string;
            /**
             * @description false: paused. Runs that fall into a pause are not made up.
             * @example true
             */
            enabled?: boolean;
            /** @description The options of its backups. They are replaced as a whole: an absent option is as in the settings. */
            options?: components["schemas"]["ScheduleOptionsBody"];
            /** @description What is kept of the backups of this schedule; null: as its connection says. */
            retention?: components["schemas"]["RetentionPolicyBody"] | null;
            /**
             * @description Runs that are due at the same time are spread over so many seconds.
             * @example 0
             */
            jitter_seconds?: number;
            /**
             * @description The connection to back up, or to restore into.
             * @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52
             */
            connection_id?: string;
            /**
             * @description Five fields: minute, hour, day of the month, month, weekday.
             * @example 30 2 * * *
             */
            cron?: string;
        };
        ScheduleDeletedResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example Schedule deleted. Its backups stay. */
            message: string;
            /**
             * @description The databases without a schedule. Absent when every database has one.
             * @example [
             *       "No backup of \"shop on localhost\" is scheduled: the scheduler is stopped."
             *     ]
             */
            warnings?: string[];
        };
        ScheduleRunResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example Schedule started. */
            message: string;
            job: components["schemas"]["JobEntry"];
        };
        RetainedBackupEntry: {
            /** @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52 */
            id: string;
            /** @example mydb_20231220_120000.sql */
            filename: string;
            /** @example ./backups/mydb_20231220_120000.sql */
            path: string;
            /**
             * @description Seconds since 1970.
             * @example 1703073600
             */
            created: number;
            /**
             * Format: date-time
             * @example 2023-12-20T12:00:00.000Z
             */
            created_at: string;
            /**
             * @description Bytes.
             * @example 1024000
             */
            size: number;
            /**
             * @description In plain words.
             * @example [
             *       "one of the newest 3"
             *     ]
             */
            reasons: string[];
        };
        RetentionPreviewResponse: {
            /** @enum {boolean} */
            success: true;
            policy: components["schemas"]["RetentionPolicyBody"];
            /**
             * @description The time zone that determines what a day, a week, … is.
             * @example Europe/Berlin
             */
            timezone: string;
            /** @description Newest first. */
            keep: components["schemas"]["RetainedBackupEntry"][];
            /** @description Newest first. */
            remove: components["schemas"]["RetainedBackupEntry"][];
            /** @example 0 */
            bytes_freed: number;
        };
        RemovedBackupEntry: {
            /** @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52 */
            id: string;
            /** @example ./backups/mydb_20231213_120000.sql */
            path: string;
            /**
             * @example [
             *       "not one of the newest 3"
             *     ]
             */
            reasons: string[];
        };
        RetentionAppliedResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example 1 backup was removed. */
            message: string;
            /** @example 3 */
            kept: number;
            /** @description Oldest first. */
            removed: components["schemas"]["RemovedBackupEntry"][];
            /** @example 1024000 */
            bytes_freed: number;
        };
        UserEntry: {
            /** @example user1 */
            username: string;
            /** @example false */
            superuser: boolean;
            /** @example true */
            create_db: boolean;
            /** @example false */
            replication: boolean;
            /** @example false */
            bypass_rls: boolean;
            /**
             * @description Whether the service itself is logged in as this user.
             * @example false
             */
            in_use?: boolean;
            /**
             * @description PostgreSQL only: may create roles.
             * @example true
             */
            create_role?: boolean;
            /**
             * @description PostgreSQL only: may log in; those alone are listed.
             * @example true
             */
            login?: boolean;
            /**
             * @description PostgreSQL only: inherits the rights of its roles.
             * @example true
             */
            inherit?: boolean;
            /**
             * @description PostgreSQL only: sessions at a time; -1: any number.
             * @example -1
             */
            connection_limit?: number;
            /**
             * @description PostgreSQL only: when the password expires, ISO 8601 or `infinity`.
             * @example null
             */
            valid_until?: string | null;
            /**
             * @description MySQL only.
             * @example %
             */
            host?: string;
            /**
             * @description MySQL only; absent where the server does not say.
             * @example false
             */
            locked?: boolean;
            /**
             * @description MySQL only: how it logs in.
             * @example mysql_native_password
             */
            plugin?: string;
            /**
             * @description MySQL only: granted on the whole server.
             * @example [
             *       "PROCESS"
             *     ]
             */
            privileges?: string[];
            /**
             * @description MySQL only: granted on the whole of the connected database.
             * @example [
             *       "SELECT"
             *     ]
             */
            database_privileges?: string[];
        };
        UserListResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example Users listed successfully. */
            message: string;
            users: components["schemas"]["UserEntry"][];
        };
        UserRequest: {
            /**
             * @example Create User
             * @enum {string}
             */
            operation: "Create User" | "Modify Users" | "Delete Users";
            /** @example new_user */
            username: string;
            /**
             * @description When modifying: an absent password stays as it is.
             * @example password
             */
            password?: string;
            /**
             * @description PostgreSQL: LOGIN, SUPERUSER, CREATEDB, CREATEROLE, REPLICATION, BYPASSRLS, INHERIT and their NO… forms. MySQL: global privileges such as SELECT or CREATE USER, and privileges on a database.
             * @example [
             *       "LOGIN",
             *       "CREATEDB"
             *     ]
             */
            privileges?: string[];
            /**
             * @description MySQL only: the host part of the account. Default: %
             * @example %
             */
            host?: string;
        };
        UserResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example User operation 'Create User' for 'new_user' successful. */
            message: string;
        };
        ConfigEntry: {
            /** @example localhost */
            host: string;
            /** @example 5432 */
            port: string;
            /** @example mydb */
            database: string;
            /** @example user */
            username: string;
            /** @example PostgreSQL */
            db_type: string;
            /**
             * @description The path that was set by hand; empty when the service finds the program itself.
             * @example /usr/bin/pg_dump
             */
            pg_dump_path: string;
            /** @example /usr/bin/pg_restore */
            pg_restore_path: string;
            /** @example  */
            mysqldump_path: string;
            /** @example  */
            mysql_path: string;
            /** @example prefer */
            ssl_mode: string;
            /** @example true */
            password_set: boolean;
        };
        ConfigResponse: {
            /** @enum {boolean} */
            success: true;
            config: components["schemas"]["ConfigEntry"];
        };
        ConfigRequest: {
            /** @example localhost */
            host?: string;
            /** @example 5432 */
            port?: string | number;
            /** @example mydb */
            database?: string;
            /** @example user */
            username?: string;
            /**
             * @description A stored password is forgotten when host, port or username change and none is sent with them.
             * @example password
             */
            password?: string;
            /**
             * @example PostgreSQL
             * @enum {string}
             */
            db_type?: "PostgreSQL" | "MySQL";
            /**
             * @example prefer
             * @enum {string}
             */
            ssl_mode?: "disable" | "prefer" | "require" | "verify-ca" | "verify-full";
            /**
             * @description Empty: find the program by itself.
             * @example /usr/bin/pg_dump
             */
            pg_dump_path?: string;
            /**
             * @description Empty: find the program by itself.
             * @example /usr/bin/pg_restore
             */
            pg_restore_path?: string;
            /**
             * @description Empty: find the program by itself.
             * @example
             */
            mysqldump_path?: string;
            /**
             * @description Empty: find the program by itself.
             * @example
             */
            mysql_path?: string;
        };
        ConfigSavedResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example Configuration saved successfully */
            message: string;
            /** @example The active connection stays as it is until the next connect or restart. */
            note?: string;
        };
        ToolPathsEntry: {
            /**
             * @description Empty where there is none.
             * @example /usr/bin/pg_dump
             */
            pg_dump_path: string;
            /** @example /usr/bin/pg_restore */
            pg_restore_path: string;
            /** @example /usr/bin/mysqldump */
            mysqldump_path: string;
            /** @example /usr/bin/mysql */
            mysql_path: string;
        };
        ToolEntry: {
            /** @example /usr/bin/pg_dump */
            path: string;
            /** @example 15.20 */
            version: string;
            /**
             * @example PostgreSQL
             * @enum {string}
             */
            flavour: "PostgreSQL" | "MariaDB" | "MySQL";
        };
        ToolDetails: {
            /** @example pg_dump_path */
            key: string;
            /** @example 15.20 */
            version: string | null;
            /**
             * @example PostgreSQL
             * @enum {string|null}
             */
            flavour: "PostgreSQL" | "MariaDB" | "MySQL" | null;
            /** @description Every one that was found. */
            all: components["schemas"]["ToolEntry"][];
        };
        ToolsResponse: {
            /** @enum {boolean} */
            success: true;
            tools: components["schemas"]["ToolPathsEntry"];
            details: components["schemas"]["ToolDetails"][];
        };
        JobsResponse: {
            /** @enum {boolean} */
            success: true;
            /** @description The `after` of the next call; null on the last page. */
            next: string | null;
            /** @description Newest first. */
            jobs: components["schemas"]["JobEntry"][];
        };
        JobDetails: {
            /** @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52 */
            id: string;
            /**
             * @example backup
             * @enum {string}
             */
            type: "backup" | "restore" | "undo" | "settle" | "verify" | "adopt" | "retention" | "expiry" | "sweep" | "catalog_copy";
            /**
             * @description `interrupted`: the service ended while it ran, or before it could.
             * @example running
             * @enum {string}
             */
            state: "queued" | "running" | "succeeded" | "failed" | "cancelled" | "interrupted";
            /** @example mydb */
            database: string | null;
            /** @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52 */
            connection_id: string | null;
            /** @example default */
            schedule_id: string | null;
            /**
             * @description The scheduled time that it serves.
             * @example null
             */
            due_at: string | null;
            /**
             * @description The more urgent job runs first.
             * @example manual
             * @enum {string}
             */
            urgency: "manual" | "scheduled" | "background";
            /**
             * @description How often it was started; 0 before the first start.
             * @example 1
             */
            attempt: number;
            /** @example 1 */
            max_attempts: number;
            /**
             * Format: date-time
             * @example 2026-01-02T03:04:05.678Z
             */
            created_at: string;
            /**
             * Format: date-time
             * @example 2026-01-02T03:04:05.678Z
             */
            started_at: string | null;
            /**
             * Format: date-time
             * @example null
             */
            finished_at: string | null;
            /**
             * Format: date-time
             * @description The job does not start before this time.
             * @example 2026-01-02T03:04:05.678Z
             */
            run_after: string;
            /**
             * @description Whether it was told to stop.
             * @example false
             */
            cancel_requested: boolean;
            /**
             * @description The interrupted job that it repeats.
             * @example null
             */
            retry_of: string | null;
            progress: components["schemas"]["JobProgressEntry"] | null;
            /**
             * @description The result of a job that succeeded, as the blocking calls answer it: `{ backup }`, `{ restore }`, …
             * @example null
             */
            result: Record<string, never> | null;
            /** @description Why it did not succeed. */
            error: components["schemas"]["JobErrorEntry"] | null;
            /**
             * @description The last lines, oldest first.
             * @example [
             *       "2026-01-02T03:04:05.678Z dump begins"
             *     ]
             */
            log: string[];
        };
        JobResponse: {
            /** @enum {boolean} */
            success: true;
            job: components["schemas"]["JobDetails"];
        };
        JobCancelledResponse: {
            /** @enum {boolean} */
            success: true;
            /** @example Job cancelled. */
            message: string;
            job: components["schemas"]["JobDetails"];
        };
        EventResponse: {
            /**
             * @description To go on from there: `Last-Event-ID`.
             * @example b3f1-42
             */
            id: string;
            /**
             * @description `reset`: some events are lost. Read anew what you show; the next events follow.
             * @example job
             * @enum {string}
             */
            event: "job" | "backup" | "verification" | "restore" | "storage" | "connection" | "schedule" | "status" | "reset";
            /**
             * @description JSON. `job`: the job without its log. `backup`, `restore`, `storage`, `connection`, `schedule`: `change` and the id, such as `backup_id`. `verification`: `outcome` (passed, failed or unavailable), `backup_id`, `level`, `message`. `status`, `reset`: nothing.
             * @example {
             *       "change": "published",
             *       "backup_id": "6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52",
             *       "connection_id": null
             *     }
             */
            data: Record<string, never>;
        };
        AuditEntryBody: {
            /**
             * Format: date-time
             * @example 2026-01-02T03:04:05.678Z
             */
            at: string;
            /** @description `admin`: a caller with the password. `anonymous`: a caller without it, if none is required or the call was refused. */
            actor: string;
            /** @example 192.0.2.7 */
            address: string | null;
            /** @example POST /api/connections/:id/activate */
            action: string;
            /**
             * @description The id of what it acted on, or the name of a user or database.
             * @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52
             */
            subject: string | null;
            /**
             * @description How it was answered; null when the caller hung up before.
             * @example 200
             */
            status: number | null;
            /**
             * @description The fields of the request without secrets, and the `code` of an error.
             * @example {
             *       "database": "mydb"
             *     }
             */
            details: Record<string, never>;
        };
        AuditResponse: {
            /** @enum {boolean} */
            success: true;
            /** @description The `after` of the next call; null on the last page. */
            next: string | null;
            /** @description Newest first. */
            audit: components["schemas"]["AuditEntryBody"][];
        };
        LiveResponse: {
            /** @enum {boolean} */
            success: true;
            /** @enum {string} */
            status: "alive";
        };
        ReadyResponse: {
            /** @example true */
            success: boolean;
            /** @enum {string} */
            status: "ready" | "not ready" | "shutting down";
            /**
             * @description `ok`, or what is wrong. `catalog` is among them when it fails; `other_folders` (those of BACKUP_ALLOWED_DIRS) and `secrets` when something is wrong with them, which leaves the service ready.
             * @example {
             *       "backup_folder": "ok",
             *       "data_folder": "ok"
             *     }
             */
            checks: Record<string, never>;
        };
        OverviewConnection: {
            /** @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52 */
            id: string;
            /**
             * @description The label, or the database and host if there is none.
             * @example shop on db1
             */
            name: string;
            /**
             * @example PostgreSQL
             * @enum {string}
             */
            db_type: "PostgreSQL" | "MySQL";
            /** @example localhost */
            host: string;
            /** @example 5432 */
            port: number;
            /** @example shop */
            database: string;
            /**
             * @description Whether the calls without a connection_id act on it.
             * @example true
             */
            active: boolean;
            /** @example user */
            username: string;
        };
        ReasonEntry: {
            /**
             * @example overdue
             * @enum {string}
             */
            code: "storage_missing" | "no_backup" | "all_damaged" | "storage_unwritable" | "newest_damaged" | "not_scheduled" | "overdue" | "job_failed" | "storage_low";
            /** @example The newest backup is too old, the next one is overdue. */
            message: string;
        };
        VerdictEntry: {
            /**
             * @description red: it could not be restored now, or no backup can be made. amber: somebody should look. green: nothing is amiss.
             * @example amber
             * @enum {string}
             */
            colour: "green" | "amber" | "red";
            /** @example The newest backup is too old, the next one is overdue. */
            sentence: string;
            /** @description All reasons why it is not green, the worst first. */
            reasons: components["schemas"]["ReasonEntry"][];
        };
        VerifiedBackupEntry: {
            /** @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52 */
            backup_id: string;
            /**
             * @description When the backup was made, seconds since 1970.
             * @example 1703073600
             */
            created: number;
            /**
             * Format: date-time
             * @example 2023-12-20T12:00:00.000Z
             */
            created_at: string;
            /**
             * @description The measured recovery time.
             * @example 4200
             */
            restore_ms: number | null;
        };
        SizeEntry: {
            /**
             * @description Seconds since 1970.
             * @example 1703073600
             */
            created: number;
            /**
             * Format: date-time
             * @example 2023-12-20T12:00:00.000Z
             */
            created_at: string;
            /**
             * @description Bytes.
             * @example 1024000
             */
            size: number;
        };
        NextRunEntry: {
            /** @example default */
            schedule_id: string;
            /**
             * @description The name of the schedule.
             * @example nightly
             */
            name: string;
            /**
             * Format: date-time
             * @example 2026-01-03T01:30:00.000Z
             */
            at: string;
            /**
             * @description On the clocks of the schedule’s zone.
             * @example 2026-01-03 02:30:00
             */
            local: string;
            /** @example Europe/Berlin */
            timezone: string;
        };
        LastFailureEntry: {
            /** @example 6f1c8f8e-3b0d-4d0e-9a68-5f5f0b8f8a52 */
            job_id: string;
            /**
             * @example backup
             * @enum {string}
             */
            type: "backup" | "verify" | "restore" | "undo" | "retention";
            /**
             * Format: date-time
             * @example 2026-01-02T03:04:05.678Z
             */
            at: string;
            /** @example Nothing answers at localhost:5432. */
            message: string;
            /** @example Check that the server runs. */
            hint: string | null;
        };
        OverviewDatabase: {
            connection: components["schemas"]["OverviewConnection"];
            /** @description All connections that reach this database, by any host name or user. */
            connections: components["schemas"]["OverviewConnection"][];
            verdict: components["schemas"]["VerdictEntry"];
            /**
             * @description Whether a schedule that is neither paused nor stopped backs it up.
             * @example true
             */
            scheduled: boolean;
            /**
             * Format: date-time
             * @description When the next backup is overdue: 1.5 periods of the schedule after the newest backup, or OVERDUE_AFTER_DAYS after it if there is no schedule. null: there is no usable backup.
             * @example 2026-01-13T12:00:00.000Z
             */
            expected_by: string | null;
            /** @example false */
            overdue: boolean;
            /**
             * @description The worst state among the folders of its backups. `low`: less than 10 % is free.
             * @example fine
             * @enum {string}
             */
            storage: "fine" | "low" | "unwritable" | "missing";
            /**
             * @description Whether there is a complete backup that can be read and that no job found damaged.
             * @example true
             */
            restorable: boolean;
            /**
             * @description The verification level of the newest complete backup; `none`: there is no such backup.
             * @example stored
             * @enum {string}
             */
            proof: "complete" | "stored" | "restored" | "none";
            /** @description The newest complete backup. Safety backups of restores do not count. */
            last_backup: components["schemas"]["CatalogedBackup"] | null;
            /** @description The newest backup that was verified by a restore. */
            last_proven: components["schemas"]["VerifiedBackupEntry"] | null;
            /**
             * @description The number of complete backups.
             * @example 3
             */
            backups: number;
            /**
             * @description Bytes that the backups take.
             * @example 3072000
             */
            bytes: number;
            /** @description The sizes of the last 30 backups, oldest first. */
            sizes: components["schemas"]["SizeEntry"][];
            /** @description The next run of all its schedules. */
            next_run: components["schemas"]["NextRunEntry"] | null;
            /** @description The last job that failed, unless a job of its kind or a backup has succeeded since. */
            last_failure: components["schemas"]["LastFailureEntry"] | null;
        };
        OverallVerdictEntry: {
            /**
             * @example red
             * @enum {string}
             */
            colour: "green" | "amber" | "red";
            /** @example 1 of 3 databases is not protected: shop on localhost: no backup yet. */
            sentence: string;
            /**
             * @description Every reason that the sentence does not give, as one text per database.
             * @example [
             *       "shop on localhost: The scheduler is stopped, so no backup is made by itself."
             *     ]
             */
            details: string[];
        };
        OverviewResponse: {
            /** @enum {boolean} */
            success: true;
            /** @description The databases that need attention most come first. */
            databases: components["schemas"]["OverviewDatabase"][];
            /** @description The verdict for all databases together. */
            verdict: components["schemas"]["OverallVerdictEntry"];
            /**
             * @description The databases without a schedule. Absent when every database has one.
             * @example [
             *       "No backup of \"shop on localhost\" is scheduled: the scheduler is stopped."
             *     ]
             */
            warnings?: string[];
        };
        StorageEntry: {
            /** @example ./backups */
            path: string;
            /**
             * @description Bytes that can still be written there.
             * @example 73400320000
             */
            free_bytes: number | null;
            /**
             * @description Bytes of the file system.
             * @example 250000000000
             */
            total_bytes: number | null;
            /**
             * @description The state that the overview judges by. `low`: less than 10 % is free.
             * @example fine
             * @enum {string}
             */
            state: "fine" | "low" | "unwritable" | "missing";
            /**
             * @description The number of listed files, including foreign ones.
             * @example 12
             */
            backups: number;
            /**
             * @description Bytes that the backups take.
             * @example 1073741824
             */
            bytes: number;
        };
        StorageProblem: {
            /** @example /mnt/backups */
            path: string;
            /** @example The storage /mnt/backups is not the one that was used before: its marker is missing, as when nothing is mounted there. */
            message: string;
            /** @example Mount the storage again. */
            hint: string;
        };
        BackupSettings: {
            /**
             * @description BACKUP_FORMAT
             * @example plain
             * @enum {string}
             */
            format: "plain" | "custom";
            /**
             * @description BACKUP_COMPRESSION
             * @example none
             * @enum {string}
             */
            compression: "none" | "zstd";
            /**
             * @description BACKUP_GLOBALS
             * @example roles
             * @enum {string}
             */
            globals: "none" | "roles" | "roles_with_passwords";
            /**
             * @description BACKUP_VERIFICATION
             * @example stored
             * @enum {string}
             */
            verification: "complete" | "stored" | "restored";
            /**
             * @description SCHEDULE_VERIFICATION
             * @example stored
             * @enum {string}
             */
            scheduled_verification: "complete" | "stored" | "restored";
            /**
             * @description VERIFY_COMPARE
             * @example content
             * @enum {string}
             */
            compare: "content" | "counts";
            /**
             * @description BACKUP_RETENTION_COUNT
             * @example 3
             */
            retention_count: number;
        };
        ScheduleSettings: {
            /**
             * @description BACKUP_TIMEZONE
             * @example Europe/Berlin
             */
            timezone: string;
            /**
             * @description BACKUP_SCHEDULE
             * @example 0 0 * * 6
             */
            cron: string;
            /**
             * @description SCHEDULE_CATCH_UP_HOURS
             * @example 24
             */
            catch_up_hours: number;
        };
        JobSettings: {
            /**
             * @description JOB_CONCURRENCY
             * @example 2
             */
            concurrency: number;
        };
        RestoreSettings: {
            /**
             * @description RESTORE_UNDO_HOURS
             * @example 24
             */
            undo_hours: number;
        };
        CatalogSettings: {
            /**
             * @description By CATALOG_URL.
             * @example sqlite
             * @enum {string}
             */
            kind: "sqlite" | "postgres";
        };
        AccessSettings: {
            /**
             * @description HOST
             * @example 127.0.0.1
             */
            host: string;
            /**
             * @description PORT
             * @example 5002
             */
            port: number;
            /**
             * @description Whether a password is asked for: ADMIN_PASSWORD.
             * @example false
             */
            password: boolean;
        };
        SettingsResponse: {
            /** @enum {boolean} */
            success: true;
            /**
             * @description The version of the service.
             * @example 0.1.0
             */
            version: string;
            /** @description The folders of backups. */
            storage: components["schemas"]["StorageEntry"][];
            /** @description Storages that are missing or not the ones that were used before. The service writes nothing there and forgets nothing. */
            storage_problems: components["schemas"]["StorageProblem"][];
            backup: components["schemas"]["BackupSettings"];
            schedule: components["schemas"]["ScheduleSettings"];
            jobs: components["schemas"]["JobSettings"];
            restore: components["schemas"]["RestoreSettings"];
            catalog: components["schemas"]["CatalogSettings"];
            access: components["schemas"]["AccessSettings"];
        };
        AcceptStorageRequest: {
            /**
             * @description One of the folders of BACKUP_DIR and BACKUP_ALLOWED_DIRS, or one below them on which something was mounted, as storage_problems of GET /api/settings names it.
             * @example /mnt/backups
             */
            path: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    ConnectionController_connect: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConnectRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description WRONG_CREDENTIALS, DATABASE_NOT_FOUND, TLS_FAILED, WRONG_ENGINE, POOLED_CONNECTION */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description HOST_UNREACHABLE, CONNECTION_TIMEOUT, SERVER_REFUSED */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    ConnectionController_disconnect: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DisconnectResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    ConnectionController_status: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StatusResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    ConnectionsController_list: {
        parameters: {
            query?: {
                /** @description Default: 50. */
                limit?: number;
                /** @description The `next` of the previous page. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionsResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    ConnectionsController_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConnectionCreateRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionSavedResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description CONNECTION_EXISTS */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description WRONG_CREDENTIALS, DATABASE_NOT_FOUND, TLS_FAILED, WRONG_ENGINE, POOLED_CONNECTION */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description HOST_UNREACHABLE, CONNECTION_TIMEOUT, SERVER_REFUSED */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    ConnectionsController_discover: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["DiscoverRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["DiscoverResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description CONNECTION_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description WRONG_CREDENTIALS, DATABASE_NOT_FOUND, TLS_FAILED, WRONG_ENGINE, POOLED_CONNECTION, MISSING_PRIVILEGE */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description HOST_UNREACHABLE, CONNECTION_TIMEOUT, SERVER_REFUSED */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    ConnectionsController_details: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description CONNECTION_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    ConnectionsController_delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConnectionDeleteRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionDeletedResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description CONNECTION_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description CONNECTION_IN_USE */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    ConnectionsController_change: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConnectionChangeRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionSavedResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description CONNECTION_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description CONNECTION_EXISTS, CONNECTION_IN_USE */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description WRONG_CREDENTIALS, DATABASE_NOT_FOUND, TLS_FAILED, WRONG_ENGINE, POOLED_CONNECTION */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description HOST_UNREACHABLE, CONNECTION_TIMEOUT, SERVER_REFUSED */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    ConnectionsController_test: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionTestResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description CONNECTION_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description WRONG_CREDENTIALS, DATABASE_NOT_FOUND, TLS_FAILED, WRONG_ENGINE, POOLED_CONNECTION */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description HOST_UNREACHABLE, CONNECTION_TIMEOUT, SERVER_REFUSED */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    ConnectionsController_activate: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConnectionSavedResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description CONNECTION_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description WRONG_CREDENTIALS, DATABASE_NOT_FOUND, TLS_FAILED, WRONG_ENGINE, POOLED_CONNECTION */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description HOST_UNREACHABLE, CONNECTION_TIMEOUT, SERVER_REFUSED */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    BackupController_create: {
        parameters: {
            query?: never;
            header?: {
                /** @description `respond-async`: do not wait for the end, answer 202 with the job at once (RFC 7240). */
                Prefer?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["BackupCreateRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupResponse"];
                };
            };
            /** @description The job waits or runs. For `Prefer: respond-async`. */
            202: {
                headers: {
                    /** @description Where the job is. */
                    Location?: string;
                    /** @description `respond-async` */
                    "Preference-Applied"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobAcceptedResponse"];
                };
            };
            /** @description INVALID_INPUT, INVALID_PATH */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description CONNECTION_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description NOT_CONNECTED */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description MISSING_PRIVILEGE, BROKEN_OBJECT, VERIFICATION_FAILED */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description HOST_UNREACHABLE, DUMP_FAILED, DUMP_INCOMPLETE, SCHEMA_CHANGED */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOOL_MISSING, TOOL_TOO_OLD, SHUTTING_DOWN, STORAGE_MISSING, VERIFICATION_UNAVAILABLE */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description NO_SPACE */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    BackupController_list: {
        parameters: {
            query?: {
                /** @description Default: BACKUP_DIR. */
                backup_location?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupListResponse"];
                };
            };
            /** @description INVALID_INPUT, INVALID_PATH */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description LOCATION_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description STORAGE_MISSING */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    BackupController_details: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupDetailsResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BACKUP_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description STORAGE_MISSING */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    BackupController_delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupDeletedResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BACKUP_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BACKUP_IN_USE */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description NOT_A_BACKUP, BACKUP_DAMAGED */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description STORAGE_MISSING */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    BackupController_pin: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PinRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupDetailsResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BACKUP_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description STORAGE_MISSING */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    BackupController_adopt: {
        parameters: {
            query?: never;
            header?: {
                /** @description `respond-async`: do not wait for the end, answer 202 with the job at once (RFC 7240). */
                Prefer?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupDetailsResponse"];
                };
            };
            /** @description The job waits or runs. For `Prefer: respond-async`. */
            202: {
                headers: {
                    /** @description Where the job is. */
                    Location?: string;
                    /** @description `respond-async` */
                    "Preference-Applied"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobAcceptedResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BACKUP_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BUSY */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description NOT_A_BACKUP, BACKUP_DAMAGED */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description STORAGE_MISSING */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    BackupController_verify: {
        parameters: {
            query?: never;
            header?: {
                /** @description `respond-async`: do not wait for the end, answer 202 with the job at once (RFC 7240). */
                Prefer?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VerifyRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupDetailsResponse"];
                };
            };
            /** @description The job waits or runs. For `Prefer: respond-async`. */
            202: {
                headers: {
                    /** @description Where the job is. */
                    Location?: string;
                    /** @description `respond-async` */
                    "Preference-Applied"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobAcceptedResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BACKUP_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BUSY */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description NOT_A_BACKUP, BACKUP_DAMAGED, VERIFICATION_FAILED */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description STORAGE_MISSING, VERIFICATION_UNAVAILABLE */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    BackupDownloadController_download: {
        parameters: {
            query?: never;
            header?: {
                "If-None-Match"?: string;
                "If-Range"?: string;
                Range?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file. */
            200: {
                headers: {
                    /** @description The file’s name. */
                    "Content-Disposition"?: string;
                    /** @description SHA-256 of the whole file as it was written (RFC 9530). Absent for files made elsewhere. */
                    "Repr-Digest"?: string;
                    /** @description For `If-None-Match` and `If-Range`. */
                    ETag?: string;
                    /** @description `bytes`. */
                    "Accept-Ranges"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupDetailsResponse"];
                };
            };
            /** @description The part of the file that `Range` names. */
            206: {
                headers: {
                    /** @description The file’s name. */
                    "Content-Disposition"?: string;
                    /** @description SHA-256 of the whole file as it was written (RFC 9530). Absent for files made elsewhere. */
                    "Repr-Digest"?: string;
                    /** @description For `If-None-Match` and `If-Range`. */
                    ETag?: string;
                    /** @description `bytes`. */
                    "Accept-Ranges"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/octet-stream": string;
                };
            };
            /** @description The file is the one that `If-None-Match` names. */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BACKUP_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description The file has no such bytes. `Content-Range` tells how many it has. */
            416: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description STORAGE_MISSING */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    BackupGlobalsController_restore: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RolesRestoreRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RolesRestoreResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BACKUP_NOT_FOUND, CONNECTION_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description NOT_CONNECTED */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description NOT_A_BACKUP, BACKUP_DAMAGED, UNSUPPORTED, WRONG_ENGINE, MISSING_PRIVILEGE */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description DATABASE_ERROR, HOST_UNREACHABLE */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description STORAGE_MISSING */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    CatalogController_list: {
        parameters: {
            query?: {
                /** @description Default: 50. */
                limit?: number;
                /** @description The `next` of the previous page. */
                after?: string;
                /** @description Default: BACKUP_DIR, or every folder when `connection_id` is given. */
                backup_location?: string;
                /** @description `all`: the backups of every known folder, if no `backup_location` is given. */
                folders?: "all";
                /** @description Only the backups of its database, over whatever connection they were made. */
                connection_id?: string;
                /** @description Part of the file or database name. */
                search?: string;
                status?: "complete" | "foreign" | "damaged";
                /** @description Default: `created`. */
                sort?: "created" | "size" | "database" | "filename";
                /** @description Default: `desc`. Ask for the following pages in the order of the first one. */
                order?: "asc" | "desc";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["BackupPageResponse"];
                };
            };
            /** @description INVALID_INPUT, INVALID_PATH */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description LOCATION_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description STORAGE_MISSING */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    CatalogController_rebuild: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RebuildRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RebuildResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description CATALOG_UNAVAILABLE, STORAGE_MISSING */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    StoragesController_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoragesResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    StoragesController_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StorageCreateRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageSavedResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description STORAGE_EXISTS */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL, STORAGE_FAILED */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description STORAGE_MISSING */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description NO_SPACE */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    StoragesController_details: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description STORAGE_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    StoragesController_delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StorageDeleteRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description STORAGE_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description STORAGE_IN_USE */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    StoragesController_change: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["StorageChangeRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageSavedResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description STORAGE_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description STORAGE_EXISTS, STORAGE_IN_USE */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL, STORAGE_FAILED */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description STORAGE_MISSING */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description NO_SPACE */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    StoragesController_test: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageTestResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description STORAGE_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL, STORAGE_FAILED */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description STORAGE_MISSING */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description NO_SPACE */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    RestoresController_restore: {
        parameters: {
            query?: never;
            header?: {
                /** @description `respond-async`: do not wait for the end, answer 202 with the job at once (RFC 7240). */
                Prefer?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RestoreRequestBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RestoreResponse"];
                };
            };
            /** @description The job waits or runs. For `Prefer: respond-async`. */
            202: {
                headers: {
                    /** @description Where the job is. */
                    Location?: string;
                    /** @description `respond-async` */
                    "Preference-Applied"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobAcceptedResponse"];
                };
            };
            /** @description INVALID_INPUT, INVALID_PATH */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description CONNECTION_NOT_FOUND, BACKUP_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description NOT_CONNECTED */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description NOT_A_BACKUP, WRONG_ENGINE, BACKUP_DAMAGED, BACKUP_INCOMPLETE, BACKUP_UNSAFE, MISSING_PRIVILEGE, UNSUPPORTED */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description HOST_UNREACHABLE, RESTORE_FAILED */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOOL_MISSING, SHUTTING_DOWN, STORAGE_MISSING */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description NO_SPACE */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    RestoresController_list: {
        parameters: {
            query?: {
                /** @description Default: 50. */
                limit?: number;
                /** @description The `next` of the previous page. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RestoresResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    RestoresController_details: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RestoreRecordResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description RESTORE_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    RestoresController_undo: {
        parameters: {
            query?: never;
            header?: {
                /** @description `respond-async`: do not wait for the end, answer 202 with the job at once (RFC 7240). */
                Prefer?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RestoreUndoneResponse"];
                };
            };
            /** @description The job waits or runs. For `Prefer: respond-async`. */
            202: {
                headers: {
                    /** @description Where the job is. */
                    Location?: string;
                    /** @description `respond-async` */
                    "Preference-Applied"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobAcceptedResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description RESTORE_NOT_FOUND, BACKUP_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNDO_UNAVAILABLE, CONNECTION_CHANGED */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description HOST_UNREACHABLE */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    RestoresController_drop: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UndoDroppedResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description RESTORE_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNDO_UNAVAILABLE, CONNECTION_CHANGED */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description HOST_UNREACHABLE */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    SchedulerController_start: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SchedulerStartResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description NOT_CONNECTED */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    SchedulerController_stop: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SchedulerStopResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    SchedulerController_status: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SchedulerStatusResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    SchedulerController_force: {
        parameters: {
            query?: never;
            header?: {
                /** @description `respond-async`: do not wait for the end, answer 202 with the job at once (RFC 7240). */
                Prefer?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ForcedBackupResponse"];
                };
            };
            /** @description The job waits or runs. For `Prefer: respond-async`. */
            202: {
                headers: {
                    /** @description Where the job is. */
                    Location?: string;
                    /** @description `respond-async` */
                    "Preference-Applied"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobAcceptedResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description CONNECTION_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description NOT_CONNECTED */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description MISSING_PRIVILEGE, BROKEN_OBJECT */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description HOST_UNREACHABLE, DUMP_FAILED, DUMP_INCOMPLETE, SCHEMA_CHANGED */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOOL_MISSING, TOOL_TOO_OLD, SHUTTING_DOWN, STORAGE_MISSING */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description NO_SPACE */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    SchedulesController_list: {
        parameters: {
            query?: {
                /** @description Default: 50. */
                limit?: number;
                /** @description The `next` of the previous page. */
                after?: string;
                /** @description Only the schedules of this connection. */
                connection_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SchedulesResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    SchedulesController_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScheduleCreateRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleSavedResponse"];
                };
            };
            /** @description INVALID_INPUT, INVALID_PATH */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description CONNECTION_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description WRONG_ENGINE */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    SchedulesController_preview: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["SchedulePreviewRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SchedulePreviewResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    SchedulesController_get: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description SCHEDULE_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    SchedulesController_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleDeletedResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description SCHEDULE_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNSUPPORTED */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    SchedulesController_change: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ScheduleChangeRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleSavedResponse"];
                };
            };
            /** @description INVALID_INPUT, INVALID_PATH */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description SCHEDULE_NOT_FOUND, CONNECTION_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description NOT_CONNECTED */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description WRONG_ENGINE, UNSUPPORTED */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    SchedulesController_run: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ScheduleRunResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description SCHEDULE_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description NOT_CONNECTED */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    RetentionController_ofConnection: {
        parameters: {
            query?: {
                /** @description The newest so many. */
                keep_last?: number | null;
                /** @description Everything younger than so many days. */
                days?: number | null;
                /** @description The newest of each of the last so many hours that have a backup. */
                hourly?: number | null;
                /** @description The newest of each of the last so many days that have a backup. */
                daily?: number | null;
                /** @description The newest of each of the last so many ISO weeks that have a backup. */
                weekly?: number | null;
                /** @description The newest of each of the last so many months that have a backup. */
                monthly?: number | null;
                /** @description The newest of each of the last so many years that have a backup. */
                yearly?: number | null;
                /** @description Bytes. Removes the oldest of the backups that the other rules keep until the rest fits. */
                max_bytes?: number | null;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RetentionPreviewResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description CONNECTION_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    RetentionController_ofSchedule: {
        parameters: {
            query?: {
                /** @description The newest so many. */
                keep_last?: number | null;
                /** @description Everything younger than so many days. */
                days?: number | null;
                /** @description The newest of each of the last so many hours that have a backup. */
                hourly?: number | null;
                /** @description The newest of each of the last so many days that have a backup. */
                daily?: number | null;
                /** @description The newest of each of the last so many ISO weeks that have a backup. */
                weekly?: number | null;
                /** @description The newest of each of the last so many months that have a backup. */
                monthly?: number | null;
                /** @description The newest of each of the last so many years that have a backup. */
                yearly?: number | null;
                /** @description Bytes. Removes the oldest of the backups that the other rules keep until the rest fits. */
                max_bytes?: number | null;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RetentionPreviewResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description SCHEDULE_NOT_FOUND, CONNECTION_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    RetentionController_applyToConnection: {
        parameters: {
            query?: never;
            header?: {
                /** @description `respond-async`: do not wait for the end, answer 202 with the job at once (RFC 7240). */
                Prefer?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RetentionAppliedResponse"];
                };
            };
            /** @description The job waits or runs. For `Prefer: respond-async`. */
            202: {
                headers: {
                    /** @description Where the job is. */
                    Location?: string;
                    /** @description `respond-async` */
                    "Preference-Applied"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobAcceptedResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description CONNECTION_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    RetentionController_applyToSchedule: {
        parameters: {
            query?: never;
            header?: {
                /** @description `respond-async`: do not wait for the end, answer 202 with the job at once (RFC 7240). */
                Prefer?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RetentionAppliedResponse"];
                };
            };
            /** @description The job waits or runs. For `Prefer: respond-async`. */
            202: {
                headers: {
                    /** @description Where the job is. */
                    Location?: string;
                    /** @description `respond-async` */
                    "Preference-Applied"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobAcceptedResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description SCHEDULE_NOT_FOUND, CONNECTION_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    UsersController_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserListResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description NOT_CONNECTED */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description MISSING_PRIVILEGE */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    UsersController_perform: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UserRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["UserResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description USER_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description NOT_CONNECTED, USER_EXISTS, USER_OWNS_OBJECTS, USER_IN_USE */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNKNOWN_PRIVILEGE, MISSING_PRIVILEGE */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description DATABASE_ERROR */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    ConfigController_read: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConfigResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    ConfigController_save: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["ConfigRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ConfigSavedResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOOL_UNUSABLE */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    ConfigController_detect: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ToolsResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    JobsController_list: {
        parameters: {
            query?: {
                /** @description Default: 50. */
                limit?: number;
                /** @description The `next` of the previous page. */
                after?: string;
                /** @description One or more of queued, running, succeeded, failed, cancelled, interrupted, with commas between them. */
                state?: string;
                /** @description One or more of backup, restore, undo, settle, verify, adopt, retention, expiry, sweep, catalog_copy, with commas between them. */
                type?: string;
                /** @description Only the jobs of this connection. */
                connection_id?: string;
                /** @description Only the jobs of this schedule. */
                schedule_id?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobsResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    JobsController_details: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description JOB_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    JobsController_cancel: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobCancelledResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description JOB_NOT_FOUND */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description JOB_FINISHED */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    EventsController_watch: {
        parameters: {
            query?: {
                /** @description For clients that cannot set the header Last-Event-ID. */
                last_event_id?: string;
            };
            header?: {
                /** @description The last event that the client has seen. */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["EventResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description SHUTTING_DOWN */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    AuditController_list: {
        parameters: {
            query?: {
                /** @description Default: 50. */
                limit?: number;
                /** @description The `next` of the previous page. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["AuditResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    HealthController_live: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LiveResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    HealthController_ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReadyResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description Not ready, or shutting down */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ReadyResponse"];
                };
            };
        };
    };
    OverviewController_databases: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OverviewResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    SettingsController_inEffect: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SettingsResponse"];
                };
            };
            /** @description INVALID_INPUT */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
    SettingsController_accept: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AcceptStorageRequest"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MessageResponse"];
                };
            };
            /** @description INVALID_INPUT, INVALID_PATH */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description UNAUTHENTICATED */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description FORBIDDEN_HOST */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description BODY_TOO_LARGE */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INVALID_INPUT */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description TOO_MANY_REQUESTS */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description INTERNAL, STORAGE_FAILED */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
            /** @description STORAGE_MISSING */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ErrorResponse"];
                };
            };
        };
    };
}
