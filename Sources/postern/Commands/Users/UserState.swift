// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// Whether a user may sign in, as options say it.
enum Activity: String, EnumerableFlag {
    case active, inactive
}

/// Whether somebody vouches for an e-mail address, as options say it.
enum Verification: String, EnumerableFlag {
    case verified, unverified
}
