// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core
import FoundationEssentials
import Glibc

/// The directory that PostgreSQL's data lie in, reachable for the user it runs as.
struct DataLocation {
    private static let shared = "/var/lib/postern-dev"

    /// The absolute path, free of symbolic links.
    let directory: String
    /// The user that PostgreSQL runs as; nil for our own.
    let account: Account?

    /// Makes the directory at `path` if there is none.
    ///
    /// Root's checkout may lie where the user of PostgreSQL may not go, in `/root` for example. The data then go to a
    /// new directory in `/var/lib/postern-dev`, and `path` becomes a symbolic link to it, which the next run follows.
    static func prepare(_ path: String) throws -> DataLocation {
        if access(path, F_OK) != 0 {
            // A link whose target is gone would be in the way.
            unlink(path)
            try make(path)
        }
        let directory = try resolve(path)
        let account = try Account.ofPostgres(data: directory)
        guard let account else { return DataLocation(directory: directory, account: nil) }
        try give(directory, to: account)
        guard try !Program(arguments: ["test", "-w", directory], account: account).run() else {
            return DataLocation(directory: directory, account: account)
        }

        try make(shared, mode: 0o755)
        let reachable = try makeTemporaryDirectory("\(shared)/")
        try give(reachable, to: account)
        guard rmdir(path) == 0, symlink(reachable, path) == 0 else {
            throw DevError("PostgreSQL's user cannot reach \(path); move the checkout to where it can")
        }
        return DataLocation(directory: reachable, account: account)
    }

    private static func resolve(_ path: String) throws -> String {
        guard let resolved = realpath(path, nil) else { throw SystemCallError("realpath", code: errno) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func make(_ directory: String, mode: Int = 0o700) throws {
        do {
            try FileManager.default.createDirectory(
                atPath: directory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: mode]
            )
        } catch {
            throw DevError("cannot make the directory \(directory)")
        }
    }

    private static func give(_ directory: String, to account: Account) throws {
        guard chown(directory, account.user, account.group) == 0 else { throw SystemCallError("chown", code: errno) }
    }
}
