// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The user that a program runs as when we are root and it must not be: PostgreSQL refuses to.
struct Account {
    let user: uid_t
    let group: gid_t

    /// What stands before a command to run it as this user: `posix_spawn` has no way to change it.
    var prefix: [String] {
        ["setpriv", "--reuid=\(user)", "--regid=\(group)", "--clear-groups"]
    }

    /// The account of PostgreSQL for the data in `directory`: nil, which is our own, unless we are root; then the owner of
    /// the data if there is any, else the user `postgres`, whom the package of PostgreSQL made.
    static func ofPostgres(data directory: String) throws -> Account? {
        guard geteuid() == 0 else { return nil }
        var status = stat()
        if stat(directory, &status) == 0, status.st_uid != 0 {
            return Account(user: status.st_uid, group: status.st_gid)
        }
        guard let entry = getpwnam("postgres") else {
            throw DevError("PostgreSQL refuses to run as root, and there is no user postgres to run it as")
        }
        return Account(user: entry.pointee.pw_uid, group: entry.pointee.pw_gid)
    }
}
