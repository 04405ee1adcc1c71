// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

import Core

extension FieldType<String> {
    /// A text for people: `length` characters, no control characters, and none that reorder or hide what is shown.
    ///
    /// Documentation shows `example`.
    package static func text(_ length: ClosedRange<Int>, example: String = "Some text") -> FieldType {
        FieldType(
            schema: [
                "type": "string",
                "minLength": .integer(Int64(length.lowerBound)),
                "maxLength": .integer(Int64(length.upperBound)),
                // The same as `isAllowedInText`: U+2028 and U+2029 are all of Zl and Zp.
                "examples": [.string(example)],
                "pattern": #"^[^\p{C}\u2028\u2029]*$"#,
            ]
        ) { value throws(FieldRefusal) in
            guard let text = value.string else { throw FieldRefusal("wrong_type", "must be a string") }
            guard text.unicodeScalars.count >= length.lowerBound else {
                let least = length.lowerBound == 1 ? "not be empty" : "have at least \(length.lowerBound) characters"
                throw FieldRefusal("too_short", "must \(least)")
            }
            guard text.unicodeScalars.count <= length.upperBound else {
                throw FieldRefusal("too_long", "must have at most \(length.upperBound) characters")
            }
            guard text.unicodeScalars.allSatisfy(\.isAllowedInText) else {
                throw FieldRefusal("invalid", "must not hold control or formatting characters")
            }
            return text
        }
    }
}

extension FieldType<String> {
    /// A secret that means nothing by itself: 32 bytes in base64url.
    package static var opaqueToken: FieldType {
        FieldType(schema: ["type": "string", "pattern": "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$"]) {
            value throws(FieldRefusal) in
            guard let text = value.string, text.utf8.count == 43, Base64URL.decode(text) != nil else {
                throw FieldRefusal("invalid", "must be a token as it was given")
            }
            return text
        }
    }
}

extension Unicode.Scalar {
    /// Not a control character, not a direction override, not of zero width: what is shown is what is stored.
    fileprivate var isAllowedInText: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse, .unassigned: false
        default: true
        }
    }
}
