// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

/// What an app says of where its user returns to.
extension FieldType<String> {
    /// A text that is compared with others and never shown.
    static var anyText: FieldType {
        FieldType(schema: ["type": "string"]) { value throws(FieldRefusal) in
            guard let text = value.string else { throw FieldRefusal("wrong_type", "must be a string") }
            return text
        }
    }

    /// An address that may be one of an app; a longer one is none.
    static var appAddress: FieldType {
        text(matching: "^[!-~]{1,1024}$") {
            (1...1024).contains($0.utf8.count) && $0.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        }
    }

    /// A SHA-256 in base64url (RFC 7636 section 4.2).
    static var codeChallenge: FieldType {
        text(matching: "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$") {
            $0.utf8.count == 43 && Base64URL.decode($0) != nil
        }
    }

    static var codeChallengeMethod: FieldType {
        text(matching: "^S256$") { $0 == "S256" }
    }

    /// What a challenge is made from (RFC 7636 section 4.1).
    static var codeVerifier: FieldType {
        text(matching: "^[A-Za-z0-9._~-]{43,128}$") {
            (43...128).contains($0.utf8.count) && FormURLEncoded.encode($0).utf8.elementsEqual($0.utf8)
        }
    }

    /// What an app gets back unread.
    static var appState: FieldType {
        text(matching: "^[ -~]{1,512}$") { (1...512).contains($0.utf8.count) && $0.isVisibleASCII }
    }

    /// A text of a fixed form: `pattern` says for people what `isValid` checks.
    private static func text(
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
