// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// Where a sign-in returns to, and how the app there proves that it began it.
package struct LoginQuery: RequestSchema {
    package let redirectTo: String?
    package let codeChallenge: String?
    package let state: String?

    private static let redirectTo = Field(
        "redirect_to",
        .omittable(.anyText),
        "The app's address, as `POSTERN_REDIRECT_URLS` has it; it gets a one-time code. Without it the callback answers.",
        default: nil
    )
    private static let codeChallenge = Field(
        "code_challenge",
        .omittable(
            .text(matching: "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$") {
                $0.utf8.count == 43 && Base64URL.decode($0) != nil
            }
        ),
        "The app's PKCE challenge (RFC 7636); `redirect_to` needs it.",
        default: nil
    )
    private static let codeChallengeMethod = Field(
        "code_challenge_method",
        .omittable(.text(matching: "^S256$") { $0 == "S256" }),
        "S256 alone.",
        default: nil
    )
    private static let state = Field(
        "state",
        .omittable(.text(matching: "^[ -~]{1,512}$") { (1...512).contains($0.utf8.count) && $0.isVisibleASCII }),
        "What the app gets back with the code.",
        default: nil
    )

    package static let fields: [any FieldDescription] = [redirectTo, codeChallenge, codeChallengeMethod, state]

    package init(_ values: FieldValues) throws(DomainError) {
        self.redirectTo = try values.get(Self.redirectTo)
        self.codeChallenge = try values.get(Self.codeChallenge)
        self.state = try values.get(Self.state)
    }
}

extension FieldType<String> {
    /// A text that is compared with others and never shown.
    fileprivate static var anyText: FieldType {
        FieldType(schema: ["type": "string"]) { value throws(FieldRefusal) in
            guard let text = value.string else { throw FieldRefusal("wrong_type", "must be a string") }
            return text
        }
    }

    /// A text of a fixed form: `pattern` says for people what `isValid` checks.
    fileprivate static func text(
        matching pattern: String,
        _ isValid: @escaping @Sendable (String) -> Bool
    ) -> FieldType {
        FieldType(schema: ["type": "string", "pattern": .string(pattern)]) { value throws(FieldRefusal) in
            guard let text = value.string else { throw FieldRefusal("wrong_type", "must be a string") }
            guard isValid(text) else { throw FieldRefusal("invalid", "must match \(pattern)") }
            return text
        }
    }
}

extension String {
    fileprivate var isVisibleASCII: Bool { utf8.allSatisfy { (0x20...0x7E).contains($0) } }
}
