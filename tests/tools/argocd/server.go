//go:build tools

package main

// Argo CD itself, one program under several names. `.ci/tools` builds it; named here so that go.sum knows what it needs.
import _ "github.com/argoproj/argo-cd/v3/cmd"
