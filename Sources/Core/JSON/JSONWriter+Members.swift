// Part of Postern, a self-hosted identity and access service.
// SPDX-License-Identifier: Apache-2.0

extension JSONWriter {
    /// A member with a text.
    package mutating func member(_ name: String, _ value: String) {
        self.name(name)
        self.value(value)
    }

    /// A member with a text, or null.
    package mutating func member(_ name: String, _ value: String?) {
        self.name(name)
        if let value { self.value(value) } else { null() }
    }

    /// A member with a whole number.
    package mutating func member(_ name: String, _ value: Int64) {
        self.name(name)
        self.value(value)
    }

    /// A member with a boolean.
    package mutating func member(_ name: String, _ value: Bool) {
        self.name(name)
        self.value(value)
    }

    /// A member with an instant in RFC 3339 form, or null.
    package mutating func member(_ name: String, _ value: Timestamp?) {
        self.name(name)
        if let value { self.value(value) } else { null() }
    }

    /// A member with an array of texts.
    package mutating func member(_ name: String, _ values: some Sequence<String>) {
        self.name(name)
        value(Array(values))
    }

    /// A member with any document.
    package mutating func member(_ name: String, _ value: JSONValue) {
        self.name(name)
        self.value(value)
    }
}
