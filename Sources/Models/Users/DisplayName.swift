// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

/// The name under which people see a user.
package enum DisplayName {
    /// The longest name, in Unicode scalars.
    package static let maximumLength = 200

    /// What an identity provider says, without what would hide or reorder what is shown, and cut to ``maximumLength``.
    ///
    /// Nobody is kept from signing in by a strange name. Nil when nothing is left of it.
    package static func cleaned(_ text: String) -> String? {
        var name = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where name.count < maximumLength {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: continue
            default: name.append(scalar)
            }
        }
        return name.isEmpty ? nil : String(name)
    }
}
