// Asks a server for one page, and fails where it does not trust it.
package main

import (
	"net/http"
	"os"
)

func main() {
	if _, err := http.Get(os.Args[1]); err != nil {
		println(err.Error())
		os.Exit(1)
	}
}
