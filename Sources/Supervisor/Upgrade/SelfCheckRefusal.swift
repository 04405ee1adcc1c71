// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// Why a ``SelfCheck`` was not passed.
struct SelfCheckRefusal: Error, CustomStringConvertible {
    let description: String
    /// Whether it was ended because it took too long, and so has said nothing.
    var isLate = false
}
